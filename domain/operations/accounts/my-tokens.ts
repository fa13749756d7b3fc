/** Operations on one's own app tokens: for bots, embedded devices and command-line tools. */
import { randomBytes } from 'node:crypto'
import * as z from 'zod/mini'
import { ChatError } from '../../../protocol/errors.ts'
import { type AppToken, createTokenInput, type NewAppToken } from '../../../protocol/http.ts'
import { noInput } from '../no-input.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../table.ts'
import type { AccountDeps } from './deps.ts'

const TOKENS_PER_USER = 100

const tokenInput = z.object({ token: z.string().check(z.minLength(1), z.maxLength(64), z.regex(/^[\w-]+$/)) })

export function createTokenOperations({ accounts, audit, auth, bus, clock, connections }: AccountDeps): Operation[] {
  const tokens = defineOperation({
    name: 'tokens',
    summary: 'My app tokens',
    input: noInput,
    access: 'session',
    http: { method: 'GET', path: '/api/me/tokens' },
    mqtt: true,
    async handle(_input, { session }): Promise<{ tokens: AppToken[] }> {
      const mine = await accounts.appTokens.list(session.user)
      const live = connections.of(session.user)
      return { tokens: mine.map(({ user: _mine, ...token }) => ({ ...token, connected: live.get(token.id) ?? [] })) }
    },
  })

  const createToken = defineOperation({
    name: 'create-token',
    summary: 'Make an app token; it is shown this once',
    input: createTokenInput,
    access: 'session',
    http: { method: 'POST', path: '/api/me/tokens', status: 201 },
    mqtt: true,
    async handle(input, { session: { user } }): Promise<NewAppToken> {
      const { name, rooms, access, expiresAt = null } = input
      const createdAt = clock.now()
      if (expiresAt !== null && expiresAt <= createdAt) {
        const details = [{ path: 'expiresAt', message: 'a time in the future, in milliseconds since 1970' }]
        throw new ChatError('invalid_request', { details })
      }
      const { token, hash } = auth.newAppToken()
      const id = randomBytes(12).toString('base64url')
      const entry = { id, name, rooms: rooms === undefined ? null : [...new Set(rooms)], access, expiresAt, createdAt }
      if (!(await accounts.appTokens.create({ ...entry, user, hash }, TOKENS_PER_USER))) {
        throw new ChatError('conflict', { publicMessage: `You have ${TOKENS_PER_USER} app tokens; delete one first.` })
      }
      await audit.append({ at: createdAt, action: 'app-token-made', actor: user, details: { token: id, access } })
      return { ...entry, token }
    },
  })

  const deleteToken = defineOperation({
    name: 'delete-token',
    summary: 'Revoke an app token; its connections are closed',
    input: tokenInput,
    access: 'session',
    http: { method: 'DELETE', path: '/api/me/tokens/:token', status: 204 },
    mqtt: true,
    async handle({ token: id }, { session: { user } }): Promise<void> {
      if (!(await accounts.appTokens.remove(user, id))) throw new ChatError('not_found')
      bus.emit('ended', { user, credentials: [id] })
      await audit.append({ at: clock.now(), action: 'app-token-revoked', actor: user, details: { token: id } })
    },
  })

  return [tokens, createToken, deleteToken]
}
