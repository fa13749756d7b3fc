import { mayAdminister, type ServerAction, type Session } from '../../../auth-plugin/index.ts'
import { refusalError } from '../../../protocol/errors.ts'
import type { UserId } from '../../../protocol/ids.ts'
import type { Store } from '../../../store/index.ts'

/** Throws what the server's policy says no with. Roles are asked for each time: one that was taken counts no more. */
export type RequireServerRole = (session: Session, action: ServerAction, target?: UserId) => Promise<void>

export function createRequireServerRole(roles: Store['administration']['roles']): RequireServerRole {
  return async ({ user }, action, target) => {
    const role = await roles.of(user)
    const about = target === undefined ? {} : { target: await roles.of(target), self: target === user }
    const decision = mayAdminister(role, action, about)
    if (!decision.ok) throw refusalError(decision.no)
  }
}
