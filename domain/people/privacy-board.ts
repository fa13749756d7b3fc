/** What people decided about being known and reached ([PEO5]): in memory for those who were asked about last. */
import { OPEN_RULES, type Rules } from '../../auth-plugin/index.ts'
import type { UserId } from '../../protocol/ids.ts'
import type { People } from '../../store/index.ts'
import type { Bus } from '../bus/bus.ts'
import { createRecent } from '../recent.ts'

/** An entry of somebody who decided nothing is a name and a reference. */
const PEOPLE_REMEMBERED = 100_000

export interface PrivacyBoard {
  /** From memory alone; `undefined`: not known, ask `of`. */
  known(user: UserId): Rules | undefined
  /** Of each: from memory, the rest in one query. */
  of(users: readonly UserId[]): Promise<Map<UserId, Rules>>
}

export function createPrivacyBoard({ people, bus }: { people: Pick<People, 'rules'>; bus: Bus }): PrivacyBoard {
  const recent = createRecent<UserId, Rules>(PEOPLE_REMEMBERED)
  /** Grows with every note: what was read before one is not remembered. */
  let notes = 0

  bus.on('privacy', ({ user }) => {
    notes++
    recent.delete(user)
  })

  return {
    known: (user) => recent.get(user),

    async of(users) {
      const found = new Map<UserId, Rules>()
      const unknown: UserId[] = []
      for (const user of users) {
        const rules = recent.get(user)
        if (rules === undefined) unknown.push(user)
        else found.set(user, rules)
      }
      if (unknown.length === 0) return found
      const before = notes
      const stored = await people.rules(unknown)
      for (const user of unknown) {
        const rules = stored.get(user) ?? OPEN_RULES
        found.set(user, rules)
        if (before === notes) recent.set(user, rules)
      }
      return found
    },
  }
}
