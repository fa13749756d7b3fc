import pino from 'pino'
import { Registry } from 'prom-client'
import * as z from 'zod/mini'
import { FULL_SCOPE, type Session } from '../../auth-plugin/index.ts'
import { createOperationTable, type Operation } from '../../domain/index.ts'
import { ChatError } from '../../protocol/errors.ts'
import { createRoomInput, historyInput, putMemberInput, roomInput, sendInput } from '../../protocol/http.ts'
import { isUserId } from '../../protocol/ids.ts'
import type { ApiDeps } from '../ports.ts'

export const TOKEN = 'token-of-alice'
export const APP_TOKEN = 'tdt_token-of-alice'

type Shape = z.ZodMiniType
type Sketch = Pick<Operation, 'name' | 'access' | 'http'> & { input: Shape; answer?: (input: never) => unknown }

const define = ({ answer = (input) => input, ...operation }: Sketch): Operation => ({
  summary: `The operation ${operation.name}`,
  mqtt: true,
  ...operation,
  handle: async (input) => answer(input as never),
})

const signedIn = (refreshToken: string) => ({
  user: { id: 'alice', displayName: 'Alice' },
  accessToken: TOKEN,
  expiresIn: 900,
  refreshToken,
})
const credentials = z.object({ username: z.string(), password: z.string() })
const refreshToken = z.object({ refreshToken: z.optional(z.string()) })

const operations: readonly Operation[] = [
  define({
    name: 'register',
    access: 'nobody',
    http: { method: 'POST', path: '/api/register', status: 201 },
    input: credentials,
    answer: () => signedIn('refresh-1'),
  }),
  define({
    name: 'login',
    access: 'nobody',
    http: { method: 'POST', path: '/api/login' },
    input: credentials,
    answer: ({ password }: { password: string }) => {
      if (password === 'slow down') throw new ChatError('rate_limited', { retryAfterMs: 1_200 })
      if (password !== 'right') throw new ChatError('invalid_credentials')
      return signedIn('refresh-1')
    },
  }),
  define({
    name: 'refresh',
    access: 'nobody',
    http: { method: 'POST', path: '/api/refresh' },
    input: refreshToken,
    answer: (input: { refreshToken?: string }) => {
      if (!input.refreshToken?.startsWith('refresh-')) throw new ChatError('invalid_token')
      return signedIn(`${input.refreshToken}+`)
    },
  }),
  define({
    name: 'logout',
    access: 'nobody',
    http: { method: 'POST', path: '/api/logout', status: 204 },
    input: refreshToken,
  }),
  define({ name: 'me', access: 'read', http: { method: 'GET', path: '/api/me' }, input: z.object({}) }),
  define({ name: 'history', access: 'read', http: { method: 'GET', path: '/api/messages' }, input: historyInput }),
  define({
    name: 'send',
    access: 'write',
    http: { method: 'POST', path: '/api/messages', status: 201 },
    input: sendInput,
    answer: (input: { text?: string; repeat?: number }) => {
      if (input.text === 'crash') throw new Error('a secret of the server')
      return input.repeat === undefined ? input : { text: 'tidings '.repeat(input.repeat) }
    },
  }),
  define({
    name: 'create-room',
    access: 'write',
    http: { method: 'POST', path: '/api/rooms', status: 201, rename: { id: 'room' } },
    input: createRoomInput,
  }),
  define({
    name: 'leave',
    access: 'write',
    http: { method: 'POST', path: '/api/rooms/:room/leave', status: 204 },
    input: roomInput,
  }),
  define({
    name: 'put-member',
    access: 'write',
    http: { method: 'PUT', path: '/api/rooms/:room/members/:user' },
    input: putMemberInput,
  }),
]

async function verify(credential: string): Promise<Session> {
  const user = 'alice'
  if (!isUserId(user)) throw new ChatError('internal')
  if (credential === 'old') throw new ChatError('token_expired')
  if (credential !== TOKEN && credential !== APP_TOKEN) throw new ChatError('invalid_token')
  const kind = credential === TOKEN ? 'session' : 'app-token'
  return { user, credential: { kind, id: 's1' }, expiresAt: null, scope: FULL_SCOPE }
}

export type SmallHouse = { deps: ApiDeps; logged: string[] }

/** What the HTTP door leans on, small: real schemas and sessions, a few operations that answer their own input. */
export function createSmallHouse(options: Partial<ApiDeps> = {}): SmallHouse {
  const logged: string[] = []
  const deps: ApiDeps = {
    log: pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) }),
    operations: createOperationTable(operations),
    verify,
    jwks: async () => ({ keys: [{ kty: 'OKP', crv: 'Ed25519', kid: 'k1' }] }),
    ready: async () => true,
    metrics: new Registry(),
    trustProxy: false,
    limits: { anonymousPerMinute: 0 },
    ...options,
  }
  return { deps, logged }
}
