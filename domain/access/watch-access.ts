import type { AuthPlugin } from '../../auth-plugin/index.ts'
import type { UserId } from '../../protocol/ids.ts'
import type { Store } from '../../store/index.ts'
import type { Bus } from '../bus/bus.ts'
import type { Timers } from '../time.ts'

const LOOK_EVERY_MS = 2_000

/**
 * Notices what another process has ended: the command line, another node, somebody with SQL ([ADM9], [P6]). One query
 * every two seconds for what the database has noted since the last look; what ended goes on the bus as if it had ended
 * here, once more for what did. Answers how to stop.
 */
export function watchAccess(deps: {
  accessChanges: Store['administration']['accessChanges']
  auth: Pick<AuthPlugin, 'reloadSigningKeys'>
  bus: Bus
  timers: Timers
  onError(error: unknown): void
}): () => void {
  let stopped = false
  let place = '0'
  /** Told already: a look may find again what the one before it found. */
  let told: ReadonlySet<number> = new Set()

  async function look(): Promise<void> {
    try {
      const { changes, next } = await deps.accessChanges.since(place)
      if (stopped) return
      const ended = new Map<UserId, Set<string> | 'all'>()
      let keysChanged = false
      for (const { id, user, credential } of changes) {
        if (told.has(id)) continue
        if (user === undefined) keysChanged = true
        else if (credential === undefined) ended.set(user, 'all')
        else {
          const known = ended.get(user)
          if (known === undefined) ended.set(user, new Set([credential]))
          else if (known !== 'all') known.add(credential)
        }
      }
      for (const [user, credentials] of ended) {
        deps.bus.emit('ended', { user, credentials: credentials === 'all' ? 'all' : [...credentials] })
      }
      if (keysChanged) await deps.auth.reloadSigningKeys()
      place = next
      told = new Set(changes.map(({ id }) => id))
    } catch (error) {
      deps.onError(error)
    }
    if (!stopped) takeBack = wait()
  }

  const wait = () => deps.timers.after(LOOK_EVERY_MS, () => void look())
  let takeBack = wait()
  return () => {
    stopped = true
    takeBack()
  }
}
