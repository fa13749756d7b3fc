import type { RoomId, UserId } from '../protocol/ids.ts'

/** What an app token may do: which rooms (null: all), and whether it may write. */
export type Scope = { rooms: ReadonlySet<RoomId> | null; access: 'read' | 'write' }

/** Who somebody is, as proven by a credential. Times in milliseconds since 1970. */
export type Session = {
  readonly user: UserId
  /** The session or app token that the credential belongs to: what revocation names. */
  readonly credential: { readonly kind: 'session' | 'app-token'; readonly id: string }
  /** null: does not expire. */
  readonly expiresAt: number | null
  readonly scope: Scope
}

/** The scope of a person signed in: everything that the person may do. */
export const FULL_SCOPE: Scope = { rooms: null, access: 'write' }
