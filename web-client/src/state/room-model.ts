import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { CommandId, RoomId, Seq } from '../../../protocol/ids.ts'
import { MAX_TEXT_BYTES } from '../../../protocol/limits.ts'
import { utf8Length } from '../../../protocol/text.ts'
import type { ChatClient, MessageItem, OpenRoom, PendingItem, RoomSummary, Snapshot } from './client-types.ts'
import type { Drafts } from './drafts.ts'
import { codeText, failureText } from './failure.ts'
import { whyNotWrite } from './may.ts'
import type { Notices } from './notices.ts'
import { isHere, mentionsIn, nameIn, typingText } from './people.ts'

/** The place in a room's list that was left: the row at the top and how far it stood from the edge, in pixels. */
export type Spot = { readonly key: string; readonly offset: number }
export type Sendability =
  | 'yes'
  | 'loading'
  | 'join'
  | 'read-only'
  | 'admins-only'
  | 'muted'
  | 'archived'
  | 'banned'
  | 'gone'

/** One room as the screen knows it. */
export interface RoomModel {
  readonly room: RoomId
  readonly open: ReadonlySignal<OpenRoom | undefined>
  readonly summary: ReadonlySignal<RoomSummary | undefined>
  /** Something of its log is here. */
  readonly loaded: ReadonlySignal<boolean>
  /** Why there is nothing to show. */
  readonly failure: ReadonlySignal<string | undefined>
  /** Presence of the other one, or how many are here. */
  readonly subtitle: ReadonlySignal<string>
  /** Who is typing, as a line; empty when nobody is. */
  readonly typing: ReadonlySignal<string>
  readonly sendability: ReadonlySignal<Sendability>
  /** How many messages could not be sent. */
  readonly failed: ReadonlySignal<number>
  /** The seq before the first unread message when the room was entered ([R4]). */
  readonly newAfter: ReadonlySignal<number | undefined>
  readonly draftText: ReadonlySignal<string>
  readonly replyTo: ReadonlySignal<MessageItem | undefined>
  readonly editing: ReadonlySignal<MessageItem | undefined>
  /** Messages whose deletion waits for a possible Undo. */
  readonly vanishing: ReadonlySignal<ReadonlySet<Seq>>
  /** Messages of people whom I have blocked, by key, that I want to see all the same. */
  readonly unfolded: ReadonlySignal<ReadonlySet<string>>
  /** A message to show and to mark for a moment; set by whoever wants to jump. */
  readonly target: Signal<number | undefined>
  /** Where the list was left; not a signal, nobody draws it. */
  spot: Spot | undefined

  unfold(keys: readonly string[]): void
  enter(): void
  leave(): void
  /** Sends, or saves what is being edited. False: there was nothing to send. */
  submit(text: string): boolean
  write(text: string): void
  reply(item: MessageItem | undefined): void
  edit(item: MessageItem | undefined): void
  editLast(): void
  remove(item: MessageItem): void
  react(item: MessageItem, emoji: string): void
  /** Tries the failed messages again, or one. */
  retry(id?: CommandId): void
  discard(id: CommandId): void
  markRead(): void
  jumpTo(seq: number): Promise<void>
  join(): Promise<void>
  /** Time has passed: what was forbidden may be allowed now. */
  lookAgain(): void
}

export type RoomModelDeps = {
  client: ChatClient
  snapshot: ReadonlySignal<Snapshot>
  drafts: Drafts
  notices: Notices
}

export function createRoomModel(room: RoomId, { client, snapshot, drafts, notices }: RoomModelDeps): RoomModel {
  const open = computed(() => snapshot.value.open.get(room))
  const listed = computed(() => snapshot.value.rooms.find((summary) => summary.room === room))
  const summary = computed(() => open.value?.summary ?? listed.value)
  const refused = signal<string | undefined>(undefined)
  const failure = computed(() => {
    const code = open.value?.loadFailed
    return refused.value ?? (code === undefined ? undefined : codeText(code))
  })
  const loaded = computed(() => (open.value?.items.length ?? 0) > 0)
  const users = computed(() => snapshot.value.users)
  /** Where reading stood when the room was entered with something unread. */
  const entered = signal<{ read: number; head: number } | undefined>(undefined)
  const newAfter = computed(() => {
    if (entered.value === undefined) return undefined
    const { read, head } = entered.value
    const own = open.value?.items.findLast((item) => item.kind === 'message' && item.mine && item.seq <= head)
    return own?.kind === 'message' ? Math.max(read, own.seq) : read // who wrote had read what was before
  })
  const editing = signal<MessageItem | undefined>(undefined)
  const editText = signal('')
  const vanishing = signal<ReadonlySet<Seq>>(new Set())
  const unfolded = signal<ReadonlySet<string>>(new Set())
  const target = signal<number | undefined>(undefined)
  const moment = signal(0)

  const draft = computed(() => drafts.all.value.get(room))
  const draftText = computed(() => (editing.value ? editText.value : (draft.value?.text ?? '')))
  const replyTo = computed(() => {
    const seq = draft.value?.replyTo
    return seq === undefined ? undefined : findMessage(open.value, seq)
  })

  const subtitle = computed(() => {
    const known = summary.value
    if (!known) return ''
    if (known.peer !== undefined) {
      const presence = users.value.get(known.peer)?.presence
      return isHere(presence)
        ? presence?.state === 'online'
          ? 'Online'
          : presence?.state === 'busy'
            ? 'Busy'
            : 'Away'
        : 'Offline'
    }
    const count = known.members === 1 ? '1 member' : `${known.members} members`
    const here = open.value?.members?.filter(({ user }) => isHere(users.value.get(user)?.presence)).length
    return here ? `${count}, ${here} online` : count
  })
  const typing = computed(() => typingText((summary.value?.typing ?? []).map((user) => nameIn(users.value, user))))
  const sendability = computed((): Sendability => {
    const known = summary.value
    if (!known || (!loaded.value && failure.value !== undefined)) return 'loading'
    void moment.value // a mute that is over
    if (known.role === undefined) {
      if (known.putOut?.banned) return 'banned'
      return known.kind === 'public' && !known.archived ? 'join' : 'gone'
    }
    switch (whyNotWrite(known)) {
      case undefined:
        return 'yes'
      case 'muted':
        return 'muted'
      case 'room_archived':
        return 'archived'
      default:
        return known.role === 'reader' || known.kind === 'direct' ? 'read-only' : 'admins-only'
    }
  })

  function unfold(keys: readonly string[]): void {
    unfolded.value = new Set([...unfolded.peek(), ...keys])
  }
  function setReply(item: MessageItem | undefined): void {
    drafts.set(room, { text: draft.peek()?.text ?? '', replyTo: item?.seq })
  }
  function setVanishing(seq: Seq, present: boolean): void {
    const next = new Set(vanishing.peek())
    if (present) next.add(seq)
    else next.delete(seq)
    vanishing.value = next
  }
  function startEdit(item: MessageItem | undefined): void {
    editing.value = item
    editText.value = item?.text ?? ''
  }
  const failed = (): PendingItem[] =>
    (open.peek()?.items ?? []).filter(
      (item) => item.kind === 'pending' && item.state.kind === 'failed',
    ) as PendingItem[]

  return {
    room,
    open,
    summary,
    loaded,
    failure,
    subtitle,
    typing,
    sendability,
    failed: computed(() => summary.value?.failed ?? 0),
    newAfter,
    draftText,
    replyTo,
    editing,
    vanishing,
    unfolded,
    target,
    spot: undefined,
    unfold,
    enter() {
      const known = summary.peek()
      entered.value = known && known.unread > 0 ? { read: known.read, head: known.head } : undefined
      refused.value = undefined
      client
        .openRoom(room)
        .then(() => {
          const items = client.snapshot().open.get(room)?.items ?? []
          const first = items[0]
          const after = newAfter.peek()
          const missing = after !== undefined && first !== undefined && 'seq' in first && first.seq > after + 1
          return Promise.all([missing && client.loadAround(room, after), client.loadMembers(room)])
        })
        .catch((error: unknown) => {
          refused.value = failureText(error)
        })
    },
    leave() {
      entered.value = undefined
      unfolded.value = new Set()
      drafts.flush()
      startEdit(undefined)
    },
    submit(raw) {
      const text = raw.trim()
      if (text === '') return false
      if (utf8Length(text) > MAX_TEXT_BYTES) {
        notices.show('This message is too long to be sent.')
        return false
      }
      const mentions = mentionsIn(text, users.peek())
      const edited = editing.peek()
      if (edited) {
        if (text !== edited.text) client.edit(room, edited.seq, text, mentions)
        startEdit(undefined)
        return true
      }
      const reply = draft.peek()?.replyTo
      client.send(room, {
        text,
        ...(reply !== undefined && { replyTo: reply }),
        ...(mentions.length > 0 && { mentions }),
      })
      client.setTyping(room, false)
      drafts.set(room, { text: '' })
      return true
    },
    write(text) {
      if (editing.peek()) editText.value = text
      else drafts.set(room, { text, replyTo: draft.peek()?.replyTo })
      client.setTyping(room, text.trim() !== '')
    },
    reply(item) {
      startEdit(undefined)
      setReply(item)
    },
    edit: startEdit,
    editLast() {
      const own = (open.peek()?.items ?? []).findLast((item) => item.kind === 'message' && item.mine && !item.deleted)
      if (own?.kind === 'message') startEdit(own)
    },
    remove(item) {
      setVanishing(item.seq, true)
      notices.show('Message deleted', { name: 'Undo', run: () => setVanishing(item.seq, false) }, () => {
        client.remove(room, item.seq)
        setVanishing(item.seq, false)
      })
    },
    react(item, emoji) {
      const mine = item.reactions.some((reaction) => reaction.emoji === emoji && reaction.mine)
      if (mine) client.unreact(room, item.seq, emoji)
      else client.react(room, item.seq, emoji)
    },
    retry(id) {
      for (const one of id === undefined ? failed().map((item) => item.id) : [id]) client.retry(room, one)
    },
    discard(id) {
      client.discard(room, id)
    },
    markRead() {
      const known = summary.peek()
      if (known?.role !== undefined && known.read < known.head) client.markRead(room)
    },
    async jumpTo(seq) {
      if (!findMessage(client.snapshot().open.get(room), seq)) {
        try {
          await client.loadAround(room, seq)
        } catch (error) {
          notices.show(failureText(error))
          return
        }
      }
      const found = findMessage(client.snapshot().open.get(room), seq)
      if (found?.folded) unfold([found.key])
      target.value = seq
    },
    lookAgain() {
      moment.value++
    },
    async join() {
      try {
        await client.joinRoom(room)
      } catch (error) {
        notices.show(failureText(error))
      }
    },
  }
}

/** The message of a seq among the items that are here. */
export function findMessage(open: OpenRoom | undefined, seq: number): MessageItem | undefined {
  const items = open?.items ?? []
  let low = 0
  let high = items.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const item = items[middle]
    if (item === undefined) return undefined
    const here = item.kind === 'pending' ? Number.POSITIVE_INFINITY : item.kind === 'gap' ? item.after + 1 : item.seq
    if (here === seq) return item.kind === 'message' ? item : undefined
    if (here < seq) low = middle + 1
    else high = middle - 1
  }
  return undefined
}
