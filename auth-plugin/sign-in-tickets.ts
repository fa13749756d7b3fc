/**
 * What somebody holds whose password was right and whose second factor is still to come: signed, good for five minutes,
 * for this user, this password and nothing else: `tds_{user, end and a random id}.{tag}`.
 */
import { isUserId, type UserId } from '../protocol/ids.ts'
import { deriveKey, randomText, sameText, tag } from './secrets.ts'

/** `id`: what is spent when it has signed somebody in. Times in milliseconds since 1970. */
export type SignInTicket = { user: UserId; id: string; expiresAt: number }

export interface SignInTickets {
  create(user: UserId, passwordHash: string, at: number): string
  /** `passwordHash`: that which the user has now. `undefined` for what is no ticket, or not any more. */
  read(
    ticket: string,
    passwordHashOf: (user: UserId) => Promise<string | undefined>,
    at: number,
  ): Promise<SignInTicket | undefined>
}

const PREFIX = 'tds_'
const GOOD_FOR_MS = 5 * 60_000

export function createSignInTickets(secretKey: Uint8Array): SignInTickets {
  const key = deriveKey(secretKey, 'sign-in tickets')
  const mark = (body: string, passwordHash: string): string => tag(key, `${body} ${passwordHash}`)
  return {
    create(user, passwordHash, at) {
      const body = `${user}/${at + GOOD_FOR_MS}/${randomText(16)}`
      return `${PREFIX}${Buffer.from(body).toString('base64url')}.${mark(body, passwordHash)}`
    },

    async read(ticket, passwordHashOf, at) {
      if (!ticket.startsWith(PREFIX) || ticket.length > 256) return undefined
      const [packed = '', given = '', more] = ticket.slice(PREFIX.length).split('.')
      const body = Buffer.from(packed, 'base64url').toString()
      const [user, expires, id] = body.split('/')
      const expiresAt = Number(expires)
      if (more !== undefined || !isUserId(user) || id === undefined || !(at < expiresAt)) return undefined
      const passwordHash = await passwordHashOf(user)
      if (passwordHash === undefined || !sameText(given, mark(body, passwordHash))) return undefined
      return { user, id, expiresAt }
    },
  }
}
