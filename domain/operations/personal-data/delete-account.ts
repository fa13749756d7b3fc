import { randomInt } from 'node:crypto'
import { ChatError } from '../../../protocol/errors.ts'
import { type DeletionObstacles, deleteAccountInput } from '../../../protocol/http/personal-data.ts'
import { isUserId, STAND_IN_PREFIX, type UserId } from '../../../protocol/ids.ts'
import { proveAgain } from '../accounts/second-factor-proof.ts'
import { defineOperation } from '../table.ts'
import type { PersonalDataDeps } from './deps.ts'
import type { Deletions } from './run-deletions.ts'

/** Deletes my account ([DEL1]). Everything that proves who I am is gone with the answer; the log follows at once. */
export function deleteAccountOperation(deps: PersonalDataDeps & { deletions: Deletions }) {
  const { store, bus, clock } = deps
  return defineOperation({
    name: 'delete-account',
    summary: 'Delete my account. What I wrote stays without my name, or goes too: `messages`.',
    input: deleteAccountInput,
    access: 'session',
    http: { method: 'DELETE', path: '/api/me', status: 204 },
    mqtt: false,
    async handle({ password, messages }, caller): Promise<void> {
      const { user } = caller.session
      const hasPassword = (await store.accounts.credentials.passwordHash(user)) !== undefined
      if (hasPassword && password === undefined)
        throw new ChatError('invalid_credentials', { details: { needed: 'password' } })
      await proveAgain({ ...deps, accounts: store.accounts, audit: store.audit }, password, caller)
      const at = clock.now()
      const obstacles = await store.personalData.begin({ user, standIn: randomStandIn(), messages, at })
      if (obstacles !== undefined) throw needsOwners(obstacles)
      await store.audit.append({ at, action: 'account-deleted', actor: user, subject: user })
      bus.emit('ended', { user, credentials: 'all' })
      deps.deletions.wake()
    },
  })
}

function needsOwners(obstacles: DeletionObstacles): ChatError {
  const publicMessage =
    obstacles.rooms.length > 0
      ? 'Make somebody else owner of these rooms first, or delete them.'
      : 'Make somebody else owner of this server first.'
  return new ChatError('conflict', { publicMessage, details: obstacles })
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** In whose name remains what stays: says nothing, and belongs to nobody. */
function randomStandIn(): UserId {
  const letters = Array.from({ length: 12 }, () => LETTERS[randomInt(LETTERS.length)])
  const name = `${STAND_IN_PREFIX}${letters.join('')}`
  if (!isUserId(name)) throw new RangeError(name)
  return name
}
