import type { UserId } from '../../../protocol/ids.ts'
import type { Audit } from '../../../store/index.ts'

const WINDOW_MS = 60_000
/** Entries in a minute, however many accounts are guessed at. */
const ENTRIES_PER_WINDOW = 60

/** Writes failed sign-ins to the audit log so that guessing does not fill the disk ([AUD3]). */
export interface FailedSignIns {
  /** `user`: absent when there is no such account; what was typed for a name may be a password. */
  note(user: UserId | undefined): Promise<void>
}

/**
 * At most one entry for each account and minute, and `ENTRIES_PER_WINDOW` in all; the next one says how many attempts
 * there were since the one before (`attempts`).
 */
export function createFailedSignIns(audit: Pick<Audit, 'append'>, now: () => number): FailedSignIns {
  /** Attempts without an entry, by account; '' for those that are none. */
  const silent = new Map<UserId | '', number>()
  const written = new Map<UserId | '', number>()
  let began = Number.NEGATIVE_INFINITY

  return {
    async note(user) {
      const at = now()
      if (at - began >= WINDOW_MS) {
        began = at
        written.clear()
        for (const known of silent.keys()) if (silent.size > 10_000) silent.delete(known)
      }
      const key = user ?? ''
      const attempts = (silent.get(key) ?? 0) + 1
      if (written.has(key) || written.size >= ENTRIES_PER_WINDOW) {
        silent.set(key, attempts)
        return
      }
      written.set(key, at)
      silent.delete(key)
      const subject = user === undefined ? {} : { subject: user }
      await audit.append({ at, action: 'sign-in-failed', ...subject, details: { attempts } })
    },
  }
}
