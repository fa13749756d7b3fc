import type { AuthPlugin } from '../../../auth-plugin/index.ts'
import type { Store } from '../../../store/index.ts'
import type { Bus } from '../../bus/bus.ts'
import type { Log } from '../../log.ts'
import type { Clock } from '../../time.ts'

export type PersonalDataDeps = {
  store: Store
  auth: AuthPlugin
  bus: Bus
  clock: Clock
  log: Log
}
