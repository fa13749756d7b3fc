/** Everybody met so far: names asked for when they are missing, and who is here. */
import { isStandIn, type UserId } from '../../protocol/ids.ts'
import type { Presence } from '../../protocol/presence.ts'
import type { User, UserSummary } from './snapshot.ts'

/** Questions on their way; more people than these are asked for when they appear again. */
const MAX_QUESTIONS = 20

export interface Users {
  all(): ReadonlyMap<UserId, UserSummary>
  nameOf(user: UserId): string
  learn(users: readonly UserSummary[]): void
  setPresence(user: UserId, presence: Presence): void
  /** Somebody is about to be shown: asks once for a name that is not known. */
  need(user: UserId): void
}

/** `ask` fetches one user. */
export function createUsers(ask: (user: UserId) => Promise<User>, onChange: () => void): Users {
  const all = new Map<UserId, UserSummary>()
  /** Given away, so never changed: a copy is made when somebody asks after a change. */
  let shown: ReadonlyMap<UserId, UserSummary> | undefined
  const named = new Set<UserId>()
  const asked = new Set<UserId>()
  let questions = 0

  function set(user: UserSummary): void {
    all.set(user.id, user)
    shown = undefined
    onChange()
  }

  function learn(users: readonly UserSummary[]): void {
    for (const user of users) {
      const before = all.get(user.id)
      named.add(user.id)
      const isOther = before?.displayName !== user.displayName || before.avatar !== user.avatar
      const presence = user.presence ?? before?.presence
      if (isOther || user.presence) set({ ...user, ...(presence && { presence }) })
    }
  }

  return {
    all() {
      shown ??= new Map(all)
      return shown
    },
    nameOf: (user) => all.get(user)?.displayName ?? user,
    learn,
    setPresence: (user, presence) => set({ id: user, displayName: user, ...all.get(user), presence }),
    need(user) {
      if (named.has(user) || asked.has(user) || questions >= MAX_QUESTIONS) return
      if (isStandIn(user)) return learn([{ id: user, displayName: 'Deleted account' }])
      asked.add(user)
      questions++
      ask(user)
        .then(({ id, displayName, avatar }) => learn([{ id, displayName, ...(avatar && { avatar }) }]))
        // Shown by id; somebody who is not there any more has no name to find.
        .catch(() => {})
        .finally(() => questions--)
    },
  }
}
