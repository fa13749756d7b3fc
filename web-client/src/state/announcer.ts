import { type ReadonlySignal, signal } from '@preact/signals'
import type { RoomId, UserId } from '../../../protocol/ids.ts'
import type { Clock } from '../../sdk/index.ts'
import type { ChatClient, Snapshot } from './client-types.ts'
import { nameIn } from './people.ts'

const BURST_MS = 2_000
const BURST = 3
const MAX_LENGTH = 200

/** What a screen reader is told of new messages ([X2], [X3]): once each, and never of history. */
export interface Announcer {
  readonly text: ReadonlySignal<string>
}

export function createAnnouncer(
  client: ChatClient,
  snapshot: ReadonlySignal<Snapshot>,
  me: () => UserId | undefined,
  /** The room in front of the reader's eyes. */
  watched: () => RoomId | undefined,
  clock: Clock,
): Announcer {
  const text = signal('')
  let recent: number[] = []
  let summing: unknown
  let unsaid = 0

  client.onEvent((room, event) => {
    const self = me()
    if (event.type !== 'message' || event.from === self || self === undefined) return
    const { rooms, users, blocked } = snapshot.peek()
    if (blocked.has(event.from)) return
    const summary = rooms.find((known) => known.room === room)
    const concernsMe = room === watched() || summary?.kind === 'direct' || event.mentions?.includes(self)
    if (!concernsMe) return
    const now = clock.now()
    recent = [...recent.filter((at) => now - at < BURST_MS), now]
    if (recent.length > BURST) {
      unsaid++
      clock.clearTimeout(summing)
      summing = clock.setTimeout(() => {
        text.value = `${unsaid} new messages in ${summary?.name ?? room}`
        unsaid = 0
      }, BURST_MS / 2)
      return
    }
    const where = room === watched() || summary?.kind === 'direct' ? '' : ` in ${summary?.name ?? room}`
    text.value = `${nameIn(users, event.from)}${where}: ${event.text}`.slice(0, MAX_LENGTH)
  })
  return { text }
}
