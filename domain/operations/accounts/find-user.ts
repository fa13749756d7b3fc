import { safeParse } from 'zod/mini'
import { emailSchema } from '../../../protocol/http/email.ts'
import { isUserId, type UserId } from '../../../protocol/ids.ts'
import type { Accounts } from '../../../store/index.ts'

/** One spelling of an address: domains are the same in any case. */
export function normaliseEmail(address: string): string {
  const at = address.lastIndexOf('@')
  return `${address.slice(0, at)}@${address.slice(at + 1).toLowerCase()}`
}

/** Who calls himself so at the door: a user name, or an address that somebody has verified. */
export async function findUser(accounts: Pick<Accounts, 'emails'>, name: string): Promise<UserId | undefined> {
  if (isUserId(name)) return name
  return safeParse(emailSchema, name).success ? accounts.emails.ownerOf(normaliseEmail(name)) : undefined
}

/** What somebody is called, and so no password of his: all names, and what stands before the @ of the address. */
export async function namesOf(accounts: Pick<Accounts, 'users' | 'emails'>, user: UserId): Promise<string[]> {
  const [profile, email] = await Promise.all([accounts.users.get(user), accounts.emails.get(user)])
  return [user, ...(profile ? [profile.displayName] : []), ...(email ? [localPart(email.address)] : [])]
}

export const localPart = (address: string): string => address.slice(0, address.lastIndexOf('@'))
