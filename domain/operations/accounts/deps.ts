import type { AuthPlugin } from '../../../auth-plugin/index.ts'
import type { Accounts } from '../../../store/index.ts'
import type { Bus } from '../../bus/bus.ts'
import type { Clock } from '../../time.ts'

export type AccountDeps = {
  accounts: Accounts
  auth: AuthPlugin
  bus: Bus
  clock: Clock
  /** `invite` and `closed`: nobody registers by himself. */
  registration: 'open' | 'invite' | 'closed'
}
