/** Tells who shares a room that somebody has another name or picture ([PEO1]): the last change of a second. */

import type { User } from '../../protocol/http.ts'
import type { UserId } from '../../protocol/ids.ts'
import type { Bus } from '../bus/bus.ts'
import type { Timers } from '../time.ts'

const TELL_EVERY_MS = 1_000

export interface ProfileNotices {
  changed(user: User): void
  close(): void
}

export function createProfileNotices({ bus, timers }: { bus: Bus; timers: Timers }): ProfileNotices {
  /** The change to be told at the end of the second; null: nothing more has changed. */
  const resting = new Map<UserId, User | null>()
  const takeBacks = new Set<() => void>()

  function tell({ id: user, displayName, avatar }: User): void {
    bus.emit('profile', { user, displayName, ...(avatar !== undefined && { avatar }) })
    resting.set(user, null)
    const takeBack = timers.after(TELL_EVERY_MS, () => {
      takeBacks.delete(takeBack)
      const waiting = resting.get(user)
      resting.delete(user)
      if (waiting) tell(waiting)
    })
    takeBacks.add(takeBack)
  }

  return {
    changed(user) {
      if (resting.has(user.id)) resting.set(user.id, user)
      else tell(user)
    },
    close() {
      for (const takeBack of takeBacks) takeBack()
    },
  }
}
