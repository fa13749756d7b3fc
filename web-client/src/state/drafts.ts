import { type ReadonlySignal, signal } from '@preact/signals'
import { isRoomId, type RoomId, type Seq, type UserId } from '../../../protocol/ids.ts'
import type { Clock } from '../../sdk/index.ts'
import type { KeyValue } from './key-value.ts'

const SAVE_AFTER_MS = 400

export type Draft = { readonly text: string; readonly replyTo?: Seq | undefined }

/** What was written and not sent, per room ([C3]). Kept on this device only. */
export interface Drafts {
  readonly all: ReadonlySignal<ReadonlyMap<RoomId, Draft>>
  /** An empty one is none. Saved within 500 ms, and at once with `flush`. */
  set(room: RoomId, draft: Draft): void
  flush(): void
  /** Signed in: these are the drafts of this user. `undefined`: of nobody. */
  use(user: UserId | undefined): void
  /** Signed out: forgets those of the present user. */
  clear(): void
}

export function createDrafts(storage: KeyValue, clock: Clock): Drafts {
  const all = signal<ReadonlyMap<RoomId, Draft>>(new Map())
  const unsaved = new Set<RoomId>()
  let prefix = ''
  let timer: unknown

  function flush(): void {
    clock.clearTimeout(timer)
    for (const room of unsaved) {
      const draft = all.peek().get(room)
      storage.set(prefix + room, draft && JSON.stringify(draft))
    }
    unsaved.clear()
  }

  return {
    all,
    set(room, draft) {
      if (!prefix) return
      const next = new Map(all.peek())
      if (draft.text.trim() === '' && draft.replyTo === undefined) next.delete(room)
      else next.set(room, draft)
      all.value = next
      unsaved.add(room)
      clock.clearTimeout(timer)
      timer = clock.setTimeout(flush, SAVE_AFTER_MS)
    },
    flush,
    use(user) {
      const next = user === undefined ? '' : `draft:${user}:`
      if (next === prefix) return
      flush()
      prefix = next
      all.value = new Map(prefix ? storage.keys(prefix).flatMap((key) => readDraft(storage, key, prefix.length)) : [])
    },
    clear() {
      unsaved.clear()
      for (const key of prefix ? storage.keys(prefix) : []) storage.set(key, undefined)
      all.value = new Map()
    },
  }
}

function readDraft(storage: KeyValue, key: string, length: number): [RoomId, Draft][] {
  const room = key.slice(length)
  try {
    const draft: unknown = JSON.parse(storage.get(key) ?? '')
    if (!isRoomId(room) || typeof draft !== 'object' || draft === null || !('text' in draft)) return []
    const replyTo = 'replyTo' in draft && typeof draft.replyTo === 'number' ? (draft.replyTo as Seq) : undefined
    return [[room, { text: String(draft.text), replyTo }]]
  } catch {
    // Not ours, or cut short by a full disk: as if there were none.
    return []
  }
}
