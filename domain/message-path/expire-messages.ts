import type { Archive } from '../../store/index.ts'
import type { Timers } from '../time.ts'

const CHECK_EVERY_MS = 1_000
const AT_ONCE = 200

/**
 * Deletes messages whose `ttl` is over, in their author's name, within about a second ([EVT6]). The log is asked, so a
 * restart forgets none. Answers how to stop.
 */
export function expireMessages(deps: {
  archive: Pick<Archive, 'expired' | 'append'>
  now(): number
  timers: Timers
  onError(error: unknown): void
}): () => void {
  let stopped = false

  async function check(): Promise<void> {
    try {
      const now = deps.now()
      const due = await deps.archive.expired(now, AT_ONCE)
      await Promise.all(
        due.map(({ room, seq, author }) =>
          deps.archive.append({ room, draft: { type: 'deleted', from: author, at: now, target: seq } }),
        ),
      )
    } catch (error) {
      deps.onError(error)
    }
    if (!stopped) takeBack = wait()
  }

  const wait = () => deps.timers.after(CHECK_EVERY_MS, () => void check())
  let takeBack = wait()
  return () => {
    stopped = true
    takeBack()
  }
}
