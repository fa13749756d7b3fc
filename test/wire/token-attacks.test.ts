/** Tokens that nobody gave out, at every door; and strangers who know somebody's client id. */
import { generateKeyPairSync } from 'node:crypto'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { forgedTokens, makeToken, type Original } from './forged-tokens.ts'
import { openTownWithKeys, type TownWithKeys } from './town-with-keys.ts'

let home: TownWithKeys
let original: Original

beforeAll(async () => {
  home = await openTownWithKeys(['alice', 'bob', 'gone'], { LIMIT_LOGIN_PER_MINUTE: '0' })
  original = await home.original('alice')
})
afterAll(() => home?.close())
afterEach(() => home.town.hangUp())

/** What each door says to a token: HTTP status, CONNACK over both transports, and whether `renew` takes it. */
async function doors(token: string, user = 'alice'): Promise<Record<string, unknown>> {
  const { town } = home
  const http = await town.request('GET', '/api/me', undefined, token)
  const [tcp, websocket] = await Promise.all(
    (['tcp', 'websocket'] as const).map(async (transport) => {
      const client = await town.open(transport)
      const code = await client.connect({ username: user, password: token, clientId: `door-${transport}` })
      client.destroy()
      return code
    }),
  )
  const inside = await town.connect('alice', { clientId: 'inside' })
  const { ok } = await inside.ask('alice', 'renew', { token })
  await inside.disconnect()
  return { http: http.status, tcp, websocket, renew: ok }
}

const REFUSED = { http: 401, tcp: 4, websocket: 4, renew: false }
const TAKEN = { http: 200, tcp: 0, websocket: 0, renew: true }

describe('[AUTH5] forged access tokens', () => {
  test('one made as the server makes them is taken, so that the others are refused for what is wrong with them', async () => {
    expect(await doors(makeToken(original))).toEqual(TAKEN)
  })

  const anybody = { kid: 'x', user: 'alice', sessionId: 'x', privateKey: generateKeyPairSync('ed25519').privateKey }
  test.each(Object.keys(forgedTokens(anybody)))('%s: refused at every door', async (name) => {
    expect(await doors(forgedTokens(original)[name] ?? '')).toEqual(REFUSED)
  })

  test('a token for another user name is refused over MQTT, whoever it belongs to', async () => {
    const { town } = home
    for (const username of ['bob', 'alice\0', 'ALICE', '', 'nobody', '__proto__']) {
      const client = await town.open()
      const code = await client.connect({ username, password: makeToken(original) }).catch(() => 'closed')
      expect([4, 'closed'], username).toContain(code)
    }
  })

  test('a token of another installation, of the same people', async () => {
    const other = await openTownWithKeys(['alice'], { SECRET_KEY: 'another secret key, of another installation' })
    try {
      expect(await doors(other.town.token('alice'))).toEqual(REFUSED)
      expect(await doors((await other.town.appToken('alice')).token)).toEqual(REFUSED)
      const { refreshToken } = await other.town.signIn('alice')
      const answer = await home.town.request('POST', '/api/refresh', { refreshToken })
      expect(answer).toMatchObject({ status: 401, body: { error: { code: 'invalid_token' } } })
    } finally {
      await other.close()
    }
  })

  test('a token of a user who is gone, and of one who took the name in another session', async () => {
    const { town, store } = home
    const app = await town.appToken('gone')
    const { accessToken } = await town.signIn('gone')
    const database = new pg.Client({ connectionString: store.url })
    await database.connect()
    await database.query(`delete from users where id = 'gone'`)
    await database.end()
    expect(await doors(accessToken, 'gone')).toEqual(REFUSED)
    expect(await doors(app.token, 'gone')).toEqual(REFUSED)
    await town.register('gone')
    expect(await doors(accessToken, 'gone')).toEqual(REFUSED)
  })

  test.each(['tdt_', 'tdt_x', `tdt_${'A'.repeat(43)}`, `tdt_${'A'.repeat(10_000)}`, 'tdr_x.y.z'])(
    'an app token that nobody made: %#',
    async (token) => {
      expect(await doors(token)).toEqual(REFUSED)
    },
  )
})

describe('[AUTH3] the client id of somebody else', () => {
  test('two users with one client id are two devices', async () => {
    const { town } = home
    const options = { clientId: 'same', clean: false }
    const [alice, bob] = [await town.connect('alice', options), await town.connect('bob', options)]
    await town.makeRoom('apart', ['alice', 'bob'])
    await alice.subscribe('rooms/apart/messages', 1)
    await bob.subscribe('rooms/apart/messages', 1)
    await alice.publish('rooms/apart/send', 'one')
    for (const client of [alice, bob]) await client.count('rooms/apart/messages', 1)
    await alice.disconnect()
    await bob.ping()
    await bob.publish('rooms/apart/send', 'two')
    await bob.count('rooms/apart/messages', 2)
    const again = await town.connect('alice', options)
    await again.subscribe('rooms/apart/messages', 1)
    await again.count('rooms/apart/messages', 1)
    expect(again.texts('apart')).toEqual(['two'])
    expect(bob.isClosed).toBe(false)
  })

  test.each(['tcp', 'websocket'] as const)(
    'who fails to sign in with it over %s touches neither connection nor cursor',
    async (transport) => {
      const { town } = home
      const room = `kept-${transport}`
      const options = { clientId: `victim-${transport}`, clean: false }
      await town.makeRoom(room, ['alice', 'bob'])
      const victim = await town.connect('alice', options)
      await victim.subscribe(`rooms/${room}/messages`, 1)
      await victim.publish(`rooms/${room}/send`, 'before')
      await victim.count(`rooms/${room}/messages`, 1)

      const attack = async () => {
        for (const password of ['wrong', '', town.token('bob'), forgedTokens(original)['alg none'] ?? '']) {
          for (const clean of [true, false]) {
            const stranger = await town.open(transport)
            expect(await stranger.connect({ ...options, clean, username: 'alice', password })).toBe(4)
            stranger.destroy()
          }
        }
      }
      await attack()
      await victim.ping()
      await victim.publish(`rooms/${room}/send`, 'during')
      await victim.count(`rooms/${room}/messages`, 2)

      await victim.disconnect()
      await town.must('POST', '/api/messages', { room, text: 'missed' }, 'bob')
      await attack()
      const back = await town.connect('alice', options)
      await back.subscribe(`rooms/${room}/messages`, 1)
      await back.count(`rooms/${room}/messages`, 1)
      expect(back.texts(room)).toEqual(['missed'])
    },
  )
})

describe('[AUTH6] signing keys', () => {
  const jwks = async (): Promise<string[]> => {
    const { body } = await home.town.must('GET', '/.well-known/jwks.json')
    return (body.keys as { kid: string }[]).map(({ kid }) => kid)
  }

  test('a key that another process rotates is known within five seconds; nobody is signed out', async () => {
    const { town, keys } = home
    const before = await home.original('alice')
    const app = await town.appToken('alice')
    const live = await town.connect('alice', { clientId: 'live', password: before.accessToken })
    const known = await jwks()
    await keys.rotate()
    const { id: fresh } = await keys.current()
    expect(known).not.toContain(fresh)

    const began = performance.now()
    await expect.poll(jwks, { timeout: 5_000, interval: 50 }).toEqual(expect.arrayContaining([fresh, before.kid]))
    expect(performance.now() - began).toBeLessThan(5_000)

    await live.ping()
    expect(await doors(before.accessToken)).toEqual(TAKEN)
    expect(await doors(app.token)).toEqual(TAKEN)
    const { body } = await town.must('POST', '/api/refresh', { refreshToken: before.refreshToken })
    const [header = ''] = (body.accessToken as string).split('.')
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ kid: fresh })
    expect(await doors(body.accessToken as string)).toEqual(TAKEN)
    expect(await live.ask('alice', 'renew', { token: body.accessToken })).toMatchObject({ ok: true })
  })

  test('what another process signs with a new key is good as soon as the key is known', async () => {
    const before = await home.original('alice')
    await home.keys.rotate()
    const { id: kid, privateKey } = await home.keys.current()
    const token = makeToken({ ...before, kid, privateKey })
    await expect
      .poll(() => home.town.request('GET', '/api/me', undefined, token), { timeout: 6_000 })
      .toMatchObject({
        status: 200,
      })
  })

  test('the public keys hold nothing private', async () => {
    const { body } = await home.town.must('GET', '/.well-known/jwks.json')
    for (const key of body.keys as object[]) {
      expect(key).toEqual({
        ...{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' },
        ...{ kid: expect.any(String), x: expect.stringMatching(/^[\w-]{43}$/) },
      })
    }
  })
})
