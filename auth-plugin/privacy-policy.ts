/** Who may know of a person, and reach him: pure, from what the person decided (SPEC.md, PEO5-PEO12). */
import type { UserId } from '../protocol/ids.ts'
import type { Presence, Receipt } from '../protocol/presence.ts'
import { type Audience, OPEN_PRIVACY, type Privacy } from '../protocol/privacy.ts'

/** What a person decided: privacy settings, and whom he does not want to hear. */
export type Rules = { readonly privacy: Privacy; readonly blocks: ReadonlySet<UserId> }

/** Of who decided nothing: one object, so that most people cost nothing. */
export const OPEN_RULES: Rules = { privacy: OPEN_PRIVACY, blocks: new Set() }

/** Who looks at a person. `isContact` is asked only where it matters. */
export type Viewer = { readonly user: UserId; isContact(): boolean }

/** What somebody sees who may not see a presence: the same as of one who was never here. */
export const HIDDEN_PRESENCE: Presence = { state: 'offline' }

const isAmong = (audience: Audience, viewer: Viewer): boolean =>
  audience === 'everyone' || (audience === 'contacts' && viewer.isContact())

/** May this person begin a direct room with him, or add him to a room? */
export const mayReach = (rules: Rules, by: Viewer): boolean =>
  !rules.blocks.has(by.user) && isAmong(rules.privacy.direct, by)

export const maySeePresence = (rules: Rules, viewer: Viewer): boolean =>
  rules === OPEN_RULES || (!rules.blocks.has(viewer.user) && isAmong(rules.privacy.presence, viewer))

/** The presence of somebody as another may see it; last seen is for those who see the presence. */
export function visiblePresence(rules: Rules, presence: Presence, viewer: Viewer): Presence {
  if (rules === OPEN_RULES) return presence
  if (!maySeePresence(rules, viewer)) return HIDDEN_PRESENCE
  if (presence.state !== 'offline' || isAmong(rules.privacy.lastSeen, viewer)) return presence
  return HIDDEN_PRESENCE
}

/** Who types is here: told to those who may see the presence. */
export const maySeeTyping = (rules: Rules, viewer: Viewer): boolean =>
  rules.privacy.typing && maySeePresence(rules, viewer)

/**
 * The receipt of somebody as another may see it; `undefined`: not at all. Read marks are mutual. What has been
 * delivered tells who is connected, so it is for those who may see the presence; the rest see what was read.
 */
export function visibleReceipt(
  rules: Rules,
  receipt: Receipt,
  viewer: Viewer,
  ofViewer: Pick<Rules, 'privacy'>,
): Receipt | undefined {
  if (!ofViewer.privacy.readMarks || !rules.privacy.readMarks || rules.blocks.has(viewer.user)) return undefined
  return maySeePresence(rules, viewer) ? receipt : { read: receipt.read, delivered: receipt.read }
}

/** Whether anything that a person decided is about contacts. */
export const asksForContacts = ({ privacy }: Rules): boolean =>
  privacy.presence === 'contacts' || privacy.lastSeen === 'contacts'
