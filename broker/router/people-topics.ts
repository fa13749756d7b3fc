/**
 * Presence, typing and receipts on their way to those who listen, each as this listener may see it ([PEO6], [PEO7]). Of
 * most people everybody sees everything: then it is one frame and no question.
 */
import {
  asksForContacts,
  inScope,
  maySeePresence,
  maySeeTyping,
  OPEN_RULES,
  type Rules,
  type Standing,
  type Viewer,
  visiblePresence,
  visibleReceipt,
} from '../../auth-plugin/index.ts'
import type { Bus, BusNotes, PrivacyBoard } from '../../domain/index.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { Notice, Presence, Receipt } from '../../protocol/presence.ts'
import { memberReceipts, memberTyping, userInbox } from '../../protocol/topics.ts'
import type { Connection } from '../connection.ts'
import { encodePublish } from './encode.ts'
import type { Feed } from './feed.ts'
import type { MemberLeaf } from './interest.ts'
import { presenceFrame } from './retained.ts'

export type PeopleTopicsDeps = {
  bus: Bus
  privacy: PrivacyBoard
  /** The rooms that a user has joined. */
  roomsOf(user: UserId): Promise<ReadonlyMap<RoomId, Pick<Standing, 'kind'>>>
  onError(error: unknown): void
}

/** What a person decided, and the eyes of those who look at him. */
type Subject = { user: UserId; rules: Rules; viewer(connection: Connection): Viewer }

export function createPeopleTopics(
  deps: PeopleTopicsDeps,
  feeds: ReadonlyMap<RoomId, Feed>,
  write: (connection: Connection, frame: Buffer) => void,
): void {
  const { bus, privacy } = deps

  bus.on('typing', ({ room, user, typing }) => {
    about(room, 'typing', user, (subject) => {
      const frame = encodePublish(Buffer.from(memberTyping(room, user)), Buffer.from(typing ? '1' : '0'), false)
      tell(room, 'typing', subject, (viewer) => (maySeeTyping(subject.rules, viewer) ? frame : undefined), frame)
    })
  })
  bus.on('receipt', (note) => about(note.room, 'receipts', note.user, (subject) => tellReceipt(note, subject)))
  bus.on('presence', (note) => later(tellPresence(note)))
  bus.on('profile', (note) => later(tellProfile(note)))

  function later(work: Promise<void>): void {
    work.catch((error) => deps.onError(error))
  }

  /** At once when memory knows all that matters; nothing is asked when nobody listens. */
  function about(room: RoomId, leaf: MemberLeaf, user: UserId, then: (subject: Subject) => void): void {
    if ((feeds.get(room)?.members[leaf].size ?? 0) === 0) return
    const rules = privacy.known(user)
    if (rules === undefined || asksForContacts(rules)) later(look(user).then(then))
    else then(withoutContacts(user, rules))
  }

  async function look(user: UserId): Promise<Subject> {
    const rules = (await privacy.of([user])).get(user) ?? OPEN_RULES
    if (!asksForContacts(rules)) return withoutContacts(user, rules)
    const closed: RoomId[] = []
    for (const [room, { kind }] of await deps.roomsOf(user)) if (kind !== 'public') closed.push(room)
    return {
      user,
      rules,
      viewer: ({ session, rooms }) => ({ user: session.user, isContact: () => closed.some((room) => rooms.has(room)) }),
    }
  }

  /** `whole`: what is for everybody while the person decided nothing, and always for himself; absent: all are asked. */
  function tell(
    room: RoomId,
    leaf: MemberLeaf,
    { user, rules, viewer }: Subject,
    frameFor: (viewer: Viewer) => Buffer | undefined,
    whole: Buffer | undefined,
  ): void {
    const everybody = rules === OPEN_RULES && leaf !== 'receipts' ? whole : undefined // marks are mutual
    for (const [connection, users] of feeds.get(room)?.members[leaf] ?? []) {
      if (!users.has('+') && !users.has(user)) continue
      const frame = connection.session.user === user ? whole : (everybody ?? frameFor(viewer(connection)))
      if (frame !== undefined) write(connection, frame)
    }
  }

  function tellReceipt({ room, user, receipt, read }: BusNotes['receipt'], subject: Subject): void {
    const frameOf = (shown: Receipt) =>
      encodePublish(Buffer.from(memberReceipts(room, user)), Buffer.from(JSON.stringify(shown)), false)
    const whole = frameOf(receipt)
    let onlyRead: Buffer | undefined
    const frameFor = (viewer: Viewer): Buffer | undefined => {
      // Of somebody whose own rules have left the memory nothing is told: a receipt is a hint ([P3]).
      const own = privacy.known(viewer.user)
      const shown = own && visibleReceipt(subject.rules, receipt, viewer, own)
      if (shown === undefined || shown === receipt) return shown && whole
      if (!read) return undefined // that something was delivered would tell who is here
      onlyRead ??= frameOf(shown)
      return onlyRead
    }
    tell(room, 'receipts', subject, frameFor, whole)
  }

  async function tellPresence({ user, presence, again }: BusNotes['presence']): Promise<void> {
    const [subject, rooms] = [await look(user), await deps.roomsOf(user)]
    for (const room of rooms.keys()) {
      if ((feeds.get(room)?.members.presence.size ?? 0) === 0) continue
      const frames = new Map<Presence, Buffer>()
      const frameOf = (shown: Presence): Buffer => {
        const frame = frames.get(shown) ?? presenceFrame(room, user, shown, false)
        frames.set(shown, frame)
        return frame
      }
      const frameFor = (viewer: Viewer): Buffer | undefined => {
        if (again !== undefined && again !== 'all' && again !== viewer.user) return undefined
        // When it comes would tell as much as what it says.
        if (again === undefined && !maySeePresence(subject.rules, viewer)) return undefined
        return frameOf(visiblePresence(subject.rules, presence, viewer))
      }
      const isForAll = again === undefined || again === 'all'
      tell(room, 'presence', subject, frameFor, isForAll ? frameOf(presence) : undefined)
    }
  }

  /** To the inboxes of those who listen to rooms of the person. */
  async function tellProfile({ user, displayName, avatar }: BusNotes['profile']): Promise<void> {
    const told = new Set<Connection>()
    for (const room of (await deps.roomsOf(user)).keys()) {
      const feed = feeds.get(room)
      if (feed === undefined) continue
      for (const connection of [...feed.members.presence.keys(), ...feed.state]) {
        if (told.has(connection) || !connection.subscriptions.inbox || !inScope(connection.session, room)) continue
        told.add(connection)
        const notice: Notice = { type: 'profile', user, displayName, ...(avatar !== undefined && { avatar }) }
        const topic = Buffer.from(userInbox(connection.session.user))
        write(connection, encodePublish(topic, Buffer.from(JSON.stringify(notice)), false))
      }
    }
  }
}

const withoutContacts = (user: UserId, rules: Rules): Subject => ({
  user,
  rules,
  viewer: ({ session }) => ({ user: session.user, isContact: () => false }),
})
