import { createAuthPlugin, FULL_SCOPE, type Session } from '../../auth-plugin/index.ts'
import { ChatError, type ErrorCode } from '../../protocol/errors.ts'
import { isRoomId, isUserId, type RoomId, type UserId } from '../../protocol/ids.ts'
import { openTestStore } from '../../store/test/open-test-store.ts'
import { type BusNotes, createDomain, createLocalBus, type MailTransport } from '../index.ts'
import { createFakeTime } from './fake-time.ts'

type Name = keyof BusNotes
type Heard = { [N in Name]: { name: N; note: BusNotes[N] } }[Name]

const NAMES: readonly Name[] = ['events', 'membership', 'standing', 'room', 'receipt', 'presence', 'inbox']
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

export type House = Awaited<ReturnType<typeof openHouse>>

/** The whole domain on a database of its own, with time moved by hand and every note of the bus written down. */
export async function openHouse(
  options: { registration?: 'open' | 'invite' | 'closed'; loginsPerMinute?: number; mail?: MailTransport } = {},
) {
  const { registration = 'open', loginsPerMinute = 0, mail } = options
  const time = createFakeTime()
  const store = await openTestStore()
  const bus = createLocalBus()
  const auth = await createAuthPlugin({
    accounts: store.accounts,
    secretKey: new Uint8Array(32).fill(7),
    clock: time.clock,
    loginsPerMinute,
    bcryptCost: 4,
  })
  const domain = createDomain({
    log: silent,
    clock: time.clock,
    timers: time.timers,
    store,
    auth,
    bus,
    server: { registration, mqttPort: 1883, mqttsPort: 0 },
    limits: { sendPerSecond: 0 },
    ...(mail !== undefined && { mail }),
    origin: () => 'https://chat.example',
  })

  const notes: Heard[] = []
  const waiting = new Set<() => void>()
  for (const name of NAMES) {
    bus.on(name, (note) => {
      notes.push({ name, note } as Heard)
      for (const look of [...waiting]) look()
    })
  }

  /** The first note that fits, now or later. */
  function heard<N extends Name>(name: N, fits: (note: BusNotes[N]) => boolean): Promise<BusNotes[N]> {
    return new Promise((resolve) => {
      const look = () => {
        const found = notes.find((one) => one.name === name && fits(one.note as BusNotes[N]))
        if (found === undefined) return
        waiting.delete(look)
        resolve(found.note as BusNotes[N])
      }
      waiting.add(look)
      look()
    })
  }

  /** Runs an operation as somebody signed in. */
  async function call<Result = unknown>(as: string | Session, name: string, input: unknown = {}): Promise<Result> {
    const operation = domain.operations.get(name)
    if (operation === undefined) throw new Error(`no operation ${name}`)
    const session = typeof as === 'string' ? sessionOf(as) : as
    return (await domain.operations.run(operation, input, { session })) as Result
  }

  return {
    ...time,
    auth,
    store,
    bus,
    domain,
    notes,
    heard,
    call,
    async addUsers(...names: string[]): Promise<void> {
      for (const name of names) {
        const displayName = name.slice(0, 1).toUpperCase() + name.slice(1)
        await store.accounts.users.create({ id: user(name), displayName, createdAt: 1 }, { passwordHash: '-' })
      }
    },
    /** Forgets the notes so far. */
    hush(): void {
      notes.length = 0
    },
    /** Names and notes so far, without the events. */
    told: (): [Name, unknown][] => notes.filter(({ name }) => name !== 'events').map(({ name, note }) => [name, note]),
    async close(): Promise<void> {
      await domain.close()
      await store.close()
    },
  }
}

export function user(name: string): UserId {
  if (!isUserId(name)) throw new Error(name)
  return name
}

export function room(id: string): RoomId {
  if (!isRoomId(id)) throw new Error(id)
  return id
}

export const sessionOf = (name: string, scope: Session['scope'] = FULL_SCOPE): Session => ({
  user: user(name),
  credential: { kind: scope === FULL_SCOPE ? 'session' : 'app-token', id: `credential-${name}` },
  expiresAt: null,
  scope,
})

/** The code that a promise is refused with. */
export async function codeOf(promise: Promise<unknown>): Promise<ErrorCode> {
  const error = await promise.then(
    () => new Error('was not refused'),
    (reason: unknown) => reason,
  )
  if (error instanceof ChatError) return error.code
  throw error
}
