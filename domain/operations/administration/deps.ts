import type { AuthPlugin, MembershipLookup } from '../../../auth-plugin/index.ts'
import type { Store } from '../../../store/index.ts'
import type { Bus } from '../../bus/bus.ts'
import type { RoomChanges } from '../rooms/room-changes.ts'

/** What the process knows of itself, for the status page. */
export type ServerFigures = {
  version: string
  /** Milliseconds since 1970. */
  startedAt: number
  connections(): number
  /** The limits in force, as the operator named them. */
  limits: Readonly<Record<string, number>>
}

export type AdministrationDeps = {
  store: Store
  auth: AuthPlugin
  bus: Bus
  access: MembershipLookup
  changes: Pick<RoomChanges, 'require'>
  now(): number
  figures: ServerFigures
}
