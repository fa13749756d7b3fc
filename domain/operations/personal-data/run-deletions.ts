/** Takes people out of everything, one deletion after another; goes on after a restart where it stopped ([DEL5]). */
import type { EventDraft } from '../../../protocol/events.ts'
import type { RoomId, UserId } from '../../../protocol/ids.ts'
import type { Deletion } from '../../../store/index.ts'
import type { Timers } from '../../time.ts'
import type { PersonalDataDeps } from './deps.ts'

const RETRY_MS = 10_000

export interface Deletions {
  /** There is one to work on, or there may be. */
  wake(): void
  /** Ends after the step that is under way. */
  close(): Promise<void>
}

type Deps = Pick<PersonalDataDeps, 'store' | 'bus' | 'clock' | 'log'> & { timers: Timers }

export function createDeletions(deps: Deps): Deletions {
  const { store, bus, clock, log, timers } = deps
  let running: Promise<void> | undefined
  let again = false
  let closed = false
  let takeBack = () => {}

  function wake(): void {
    again = true
    if (closed || running !== undefined) return
    takeBack()
    running = run()
      .catch((error: unknown) => {
        log.warn({ err: error }, 'an account could not be deleted for now')
        takeBack = timers.after(RETRY_MS, wake)
      })
      .finally(() => {
        running = undefined
      })
  }

  async function run(): Promise<void> {
    while (again && !closed) {
      again = false
      for (const deletion of await store.personalData.deletions()) await finish(deletion)
    }
  }

  async function finish(deletion: Deletion): Promise<void> {
    const { user } = deletion
    if (!deletion.forgotten) {
      for (const room of await store.personalData.roomsOf(user)) {
        if (closed) return
        await leave(room, user)
      }
      await store.personalData.forget(deletion)
    }
    for (let done = false; !done && !closed; ) {
      const part = await store.personalData.rewriteLog(deletion)
      done = part.done
      for (const room of part.rooms) bus.emit('room', { room, rewritten: true })
    }
  }

  /** Somebody else becomes owner of a room that was left without one at the last moment. */
  async function leave(room: RoomId, user: UserId): Promise<void> {
    let heir: UserId | undefined
    await store.archive.appendWith(room, async (transaction) => {
      const at = clock.now()
      const events: EventDraft[] = []
      heir = await store.personalData.heir(room, user, transaction)
      if (heir !== undefined) {
        await store.members.put(transaction, { room, user: heir, role: 'owner', at })
        events.push({ type: 'role', from: user, at, user: heir, role: 'owner' })
      }
      if (await store.members.remove(transaction, room, user)) events.push({ type: 'left', from: user, at, user })
      return events
    })
    if (heir !== undefined) bus.emit('membership', { room, user: heir, role: 'owner' })
    bus.emit('membership', { room, user, role: null })
    bus.emit('room', { room })
  }

  return {
    wake,
    async close() {
      closed = true
      takeBack()
      await running
    },
  }
}
