import type { Store } from '../../../store/index.ts'
import type { Bus } from '../../bus/bus.ts'
import type { ProfileNotices } from '../../people/index.ts'
import type { PresenceBoard } from '../../presence/index.ts'

export type PeopleDeps = {
  store: Store
  bus: Bus
  presence: Pick<PresenceBoard, 'tellAgain'>
  profiles: ProfileNotices
  now(): number
}
