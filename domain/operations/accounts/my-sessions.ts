/** Operations on one's own sign-ins. */
import * as z from 'zod/mini'
import { ChatError } from '../../../protocol/errors.ts'
import type { SessionInfo } from '../../../protocol/http.ts'
import type { UserId } from '../../../protocol/ids.ts'
import { noInput } from '../no-input.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../table.ts'
import type { AccountDeps } from './deps.ts'

const sessionInput = z.object({ session: z.string().check(z.minLength(1), z.maxLength(64), z.regex(/^[\w-]+$/)) })

export function createSessionOperations({ accounts, audit, bus, clock, connections }: AccountDeps): Operation[] {
  const sessions = defineOperation({
    name: 'sessions',
    summary: 'Where I am signed in, and which of these are connected',
    input: noInput,
    access: 'session',
    http: { method: 'GET', path: '/api/me/sessions' },
    mqtt: true,
    async handle(_input, { session }): Promise<{ sessions: SessionInfo[] }> {
      const standing = await accounts.sessions.list(session.user, clock.now())
      const live = connections.of(session.user)
      return {
        sessions: standing.map(({ id, device, createdAt, lastUsedAt }) => {
          const current = id === session.credential.id
          return { id, device, createdAt, lastUsedAt, current, connected: live.get(id) ?? [] }
        }),
      }
    },
  })

  const endSessions = defineOperation({
    name: 'end-sessions',
    summary: 'End every session, this one included; app tokens stay',
    input: noInput,
    access: 'session',
    http: { method: 'DELETE', path: '/api/me/sessions', status: 204 },
    mqtt: true,
    async handle(_input, { session: { user } }): Promise<void> {
      await told(user, await accounts.sessions.end(user, { all: true }, clock.now()))
    },
  })

  const endOtherSessions = defineOperation({
    name: 'end-other-sessions',
    summary: 'End every session but this one; app tokens stay',
    input: noInput,
    access: 'session',
    http: { method: 'DELETE', path: '/api/me/other-sessions', status: 204 },
    mqtt: true,
    async handle(_input, { session: { user, credential } }): Promise<void> {
      await told(user, await accounts.sessions.end(user, { allBut: credential.id }, clock.now()))
    },
  })

  const endSession = defineOperation({
    name: 'end-session',
    summary: 'End one session',
    input: sessionInput,
    access: 'session',
    http: { method: 'DELETE', path: '/api/me/sessions/:session', status: 204 },
    mqtt: true,
    async handle({ session: id }, { session: { user } }): Promise<void> {
      const ended = await accounts.sessions.end(user, { id }, clock.now())
      if (ended.length === 0) throw new ChatError('not_found')
      await told(user, ended)
    },
  })

  async function told(user: UserId, ended: string[]): Promise<void> {
    if (ended.length === 0) return
    bus.emit('ended', { user, credentials: ended })
    await audit.append({ at: clock.now(), action: 'signed-out', actor: user, details: { sessions: ended.length } })
  }

  return [sessions, endSessions, endOtherSessions, endSession]
}
