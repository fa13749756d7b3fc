import type { AuthPlugin } from '../../../auth-plugin/index.ts'
import type { Accounts, Administration, Audit } from '../../../store/index.ts'
import type { Bus } from '../../bus/bus.ts'
import type { LiveConnections } from '../../connections/index.ts'
import type { ProfileNotices } from '../../people/index.ts'
import type { Clock } from '../../time.ts'
import type { AdmitStranger } from '../invites/index.ts'
import type { AccountLetters } from './account-letters.ts'

export type AccountDeps = {
  accounts: Accounts
  auth: AuthPlugin
  bus: Bus
  clock: Clock
  profiles: ProfileNotices
  audit: Pick<Audit, 'append'>
  roles: Pick<Administration['roles'], 'of'>
  letters: AccountLetters
  connections: Pick<LiveConnections, 'of'>
  /** Who may make an account: with an invitation, without one, or not at all. */
  admitStranger: AdmitStranger
}
