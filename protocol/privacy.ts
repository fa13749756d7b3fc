/** Who may know and reach whom (SPEC.md, PEO5-PEO8). Free of schemas. */

/** `contacts`: those with whom somebody shares a private or a direct room. */
export type Audience = 'everyone' | 'contacts' | 'nobody'

export type Privacy = {
  /** Who may begin a direct room with me, or add me to a room. */
  direct: Audience
  /** Whether I am here, and what I say of myself. */
  presence: Audience
  /** When I was here last; nobody sees it who does not see my presence. */
  lastSeen: Audience
  /** Whether others see how far I have read, and I see it of them. */
  readMarks: boolean
  typing: boolean
}

/** The settings of who never changed any. */
export const OPEN_PRIVACY: Privacy = {
  direct: 'everyone',
  presence: 'everyone',
  lastSeen: 'everyone',
  readMarks: true,
  typing: true,
}
