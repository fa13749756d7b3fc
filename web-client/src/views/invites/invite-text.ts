import type { InviteDescription, InviteLink } from '../../state/invites.ts'
import { momentName, shortDate } from '../../ui/times.ts'

const DAY_MS = 86_400_000

export const membersText = (members: number): string => (members === 1 ? '1 member' : `${members} members`)

/** "Ana invites you to Design", as a sentence. */
export function inviteSentence({ by, room }: InviteDescription): string {
  const where = room ? room.name : 'this server'
  return by ? `${by.displayName} invites you to ${where}` : `You are invited to ${where}`
}

/** "Ana · 2 of 10 used · ends 28 Nov 2026". */
export function linkText({ by, used, uses, expiresAt, role }: Partial<InviteLink>, now: number): string {
  const soon = expiresAt != null && expiresAt - now < DAY_MS
  return [
    ...(by ? [by.displayName] : []),
    ...(role === 'reader' ? ['to read only'] : []),
    uses == null ? `used ${used === 1 ? 'once' : `${used} times`}` : `${used} of ${uses} used`,
    expiresAt == null ? 'does not end' : `ends ${soon ? momentName(expiresAt, now) : shortDate(expiresAt)}`,
  ].join(' · ')
}
