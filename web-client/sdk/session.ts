/** Who is signed in on this device, and the tokens that prove it. Access tokens live in memory only. */
import { ChatError } from '../../protocol/errors.ts'
import type { SignedIn } from '../../protocol/http.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import type { RegisterInput, SignInInput } from './actions.ts'
import type { HttpClient, Method } from './http-client.ts'
import { makeId } from './make-id.ts'
import type { Options, Ports, StoredSession } from './ports.ts'
import type { SessionState, User } from './snapshot.ts'

/** A token is renewed this long before it expires. */
const EARLY_MS = 30_000

/** A no to what was given with the request, and none to the token. */
const isAnswer = (code: string): boolean => code === 'invalid_credentials' || code === 'invalid_otp'

/** The token is good no more. */
const isEnd = ({ status, code }: ChatError): boolean => status === 401 || code === 'suspended'

export type Access = { readonly token: string; readonly expiresAt: number }

export interface Session {
  state(): SessionState
  /** Calls `listener` after each change of `state()`. */
  subscribe(listener: () => void): () => void
  /** Of this device: the same at every start. Throws before `start()`. */
  deviceId(): DeviceId
  /** Reads what was kept; does not wait for the network unless it must ask whose app token this is. Once. */
  start(): Promise<void>
  register(input: RegisterInput): Promise<void>
  signIn(input: SignInInput): Promise<void>
  /** Signs in another way: `path` answers what login answers. */
  enter(path: string, input: object): Promise<void>
  signOut(): Promise<void>
  /** A valid token; `stale`: one that the server refused. Rejects with ChatError; a final no ends the session. */
  access(stale?: string): Promise<Access>
  /** An authorised exchange; an expired token is refreshed once. */
  call: <Result>(method: Method, path: string, body?: unknown) => Promise<Result>
  /** The display name changed. */
  rename(displayName: string): Promise<void>
}

export function createSession(
  ports: Pick<Ports, 'session' | 'clock' | 'random'>,
  options: Pick<Options, 'appToken' | 'keepRefreshToken' | 'deviceName'>,
  http: HttpClient,
): Session {
  const { clock } = ports
  const listeners = new Set<() => void>()
  let state: SessionState = { kind: 'starting' }
  let stored: StoredSession = {}
  let access: Access | undefined
  let refreshing: Promise<Access> | undefined

  function set(next: SessionState): void {
    state = next
    for (const listener of [...listeners]) listener()
  }

  async function save(change: StoredSession): Promise<void> {
    stored = change
    await ports.session.save(stored)
  }

  async function enter(path: string, input: object): Promise<void> {
    set({ kind: 'signing-in' })
    try {
      await accept(await http('POST', path, { ...input, device: options.deviceName }))
    } catch (error) {
      if (state.kind === 'signing-in') set({ kind: 'signed-out' })
      throw error
    }
  }

  async function accept(signedIn: SignedIn): Promise<Access> {
    const { user, accessToken, expiresIn, refreshToken } = signedIn
    access = { token: accessToken, expiresAt: clock.now() + expiresIn * 1000 }
    const { deviceId } = stored
    await save({ ...(deviceId && { deviceId }), user, ...(options.keepRefreshToken && { refreshToken }) })
    if (state.kind !== 'signed-in' || state.user.displayName !== user.displayName || state.user.id !== user.id) {
      set({ kind: 'signed-in', user })
    }
    return access
  }

  async function leave(code?: ChatError['code']): Promise<void> {
    access = undefined
    const { deviceId } = stored
    set({ kind: 'signed-out', ...(code && { code }) })
    await save({ ...(deviceId && { deviceId }) })
  }

  async function refresh(): Promise<Access> {
    const work = async (): Promise<Access> => {
      const user = stored.user?.id
      // Another tab may have used and replaced the kept token meanwhile.
      if (options.keepRefreshToken) stored = await ports.session.load()
      const { refreshToken } = stored
      const signedIn = await http<SignedIn>('POST', '/refresh', refreshToken && { refreshToken })
      if (state.kind !== 'signed-in' || stored.user?.id !== user) throw new ChatError('session_ended')
      // The cookie belongs to somebody who signed in in another tab.
      if (signedIn.user.id !== user) throw new ChatError('session_ended')
      return accept(signedIn)
    }
    try {
      return await (ports.session.exclusively?.(work) ?? work())
    } catch (error) {
      if (error instanceof ChatError && isEnd(error) && state.kind === 'signed-in') await leave(error.code)
      throw error
    }
  }

  /** A door may refuse a good token for other reasons, such as too many attempts from this address. */
  async function checkAppToken(appToken: string): Promise<void> {
    try {
      await http('GET', '/me', undefined, appToken)
    } catch (error) {
      if (error instanceof ChatError && isEnd(error)) await leave(error.code)
      throw error
    }
  }

  async function getAccess(stale?: string): Promise<Access> {
    if (options.appToken !== undefined) {
      if (stale !== undefined) await checkAppToken(options.appToken)
      if (state.kind === 'signed-out') throw new ChatError('invalid_token')
      return { token: options.appToken, expiresAt: Number.POSITIVE_INFINITY }
    }
    if (state.kind !== 'signed-in') throw new ChatError('unauthorized')
    if (access && access.token !== stale && access.expiresAt - EARLY_MS > clock.now()) return access
    refreshing ??= refresh().finally(() => {
      refreshing = undefined
    })
    return refreshing
  }

  async function call<Result>(method: Method, path: string, body?: unknown): Promise<Result> {
    const { token } = await getAccess()
    try {
      return await http<Result>(method, path, body, token)
    } catch (error) {
      if (!(error instanceof ChatError) || !isEnd(error) || isAnswer(error.code)) throw error
      const fresh = await getAccess(token)
      return http<Result>(method, path, body, fresh.token)
    }
  }

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    deviceId() {
      if (!stored.deviceId) throw new RangeError('not started')
      return stored.deviceId
    },
    async start() {
      stored = await ports.session.load()
      if (!stored.deviceId) await save({ ...stored, deviceId: makeId(ports.random, 12) as DeviceId })
      if (options.appToken !== undefined) {
        const user = await http<User>('GET', '/me', undefined, options.appToken)
        set({ kind: 'signed-in', user })
      } else set(stored.user ? { kind: 'signed-in', user: stored.user } : { kind: 'signed-out' })
    },
    register: (input) => enter('/register', input),
    signIn: (input) => enter('/login', input),
    enter,
    async signOut() {
      if (state.kind !== 'signed-in') return
      const token = access?.token
      const { refreshToken } = stored
      await leave()
      if (options.appToken !== undefined) return
      // Best effort: offline the session ends on the server when its refresh token expires.
      await http('POST', '/logout', refreshToken && { refreshToken }, token).catch(() => {})
    },
    access: getAccess,
    call,
    async rename(displayName) {
      if (state.kind !== 'signed-in') return
      const user = { ...state.user, displayName }
      set({ kind: 'signed-in', user })
      await save({ ...stored, user })
    },
  }
}
