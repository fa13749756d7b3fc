/** What one person may see of others, for everything that is asked ([PEO5], [PEO6], [PEO7]). */
import {
  asksForContacts,
  mayReach,
  OPEN_RULES,
  type Rules,
  type Viewer,
  visiblePresence,
  visibleReceipt,
} from '../../auth-plugin/index.ts'
import { ChatError } from '../../protocol/errors.ts'
import type { UserId } from '../../protocol/ids.ts'
import type { Presence, Receipt } from '../../protocol/presence.ts'
import type { People } from '../../store/index.ts'
import type { PresenceBoard } from '../presence/index.ts'
import type { PrivacyBoard } from './privacy-board.ts'

export interface Sight {
  /** The presence of users as the viewer may see it. */
  presences(viewer: UserId, users: readonly UserId[]): Promise<Map<UserId, Presence>>
  /** Of the receipts of members those that the viewer may see, as he may see them. */
  receipts(viewer: UserId, receipts: ReadonlyMap<UserId, Receipt>): Promise<Map<UserId, Receipt>>
  /** Throws `forbidden` unless all of them let themselves be reached by this user ([PEO8]). */
  requireReach(by: UserId, users: readonly UserId[]): Promise<void>
}

export function createSight(deps: {
  privacy: PrivacyBoard
  people: Pick<People, 'contactsAmong'>
  presence: Pick<PresenceBoard, 'of'>
}): Sight {
  const { privacy, people, presence } = deps

  /** The rules of people, and the viewer of each; who is a contact is asked for those alone who care. */
  async function look(viewer: UserId, users: readonly UserId[], cares: (rules: Rules) => boolean) {
    const rules = await privacy.of(users)
    const choosy = users.filter((user) => user !== viewer && cares(rules.get(user) ?? OPEN_RULES))
    const contacts = await people.contactsAmong(viewer, choosy)
    return users.map((user) => ({
      user,
      rules: user === viewer ? OPEN_RULES : (rules.get(user) ?? OPEN_RULES),
      viewer: { user: viewer, isContact: () => contacts.has(user) } satisfies Viewer,
    }))
  }

  return {
    async presences(viewer, users) {
      const [raw, looks] = await Promise.all([presence.of(users), look(viewer, users, asksForContacts)])
      const seen = new Map<UserId, Presence>()
      for (const { user, rules, viewer: eye } of looks) {
        const known = raw.get(user)
        if (known !== undefined) seen.set(user, visiblePresence(rules, known, eye))
      }
      return seen
    },

    async receipts(viewer, receipts) {
      const [looks, own] = await Promise.all([
        look(viewer, [...receipts.keys()], asksForContacts),
        privacy.of([viewer]).then((rules) => rules.get(viewer) ?? OPEN_RULES),
      ])
      const seen = new Map<UserId, Receipt>()
      for (const { user, rules, viewer: eye } of looks) {
        const receipt = receipts.get(user)
        const shown = receipt && (user === viewer ? receipt : visibleReceipt(rules, receipt, eye, own))
        if (shown !== undefined) seen.set(user, shown)
      }
      return seen
    },

    async requireReach(by, users) {
      const looks = await look(by, users, ({ privacy: { direct } }) => direct === 'contacts')
      if (looks.some(({ rules, viewer }) => !mayReach(rules, viewer))) throw new ChatError('forbidden')
    },
  }
}
