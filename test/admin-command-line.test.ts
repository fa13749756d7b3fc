/** What the operator does at the command line, with the server running and stopped. */
import { chmod, mkdtemp, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { isServerOf, readPostmaster } from '../store/embedded/postmaster.ts'
import { startEmbeddedServer, type TestServer } from '../store/test/test-server.ts'
import { runAdmin } from './run-admin.ts'
import type { RawClient } from './wire/raw-client.ts'
import { Town } from './wire/town.ts'

/** Programs that start a database each, on a machine that may be busy. */
const LONG_MS = 120_000
const STRONG = 'eleven grey owls at noon'

async function must(environment: Record<string, string>, ...words: string[]): Promise<string[]> {
  const { code, output, errors } = await runAdmin(environment, words)
  if (code !== 0) throw new Error(`${words.join(' ')}: ${code} ${errors}`)
  return output
}

async function closedWithin(client: RawClient, limitMs: number, act: () => Promise<unknown>): Promise<void> {
  const acting = act().then(() => performance.now())
  await client.closed
  const gone = performance.now()
  expect(gone - (await acting)).toBeLessThan(limitMs)
}

describe('while the server runs on its own database', { timeout: LONG_MS }, () => {
  let town: Town
  let settings: Record<string, string>
  const admin = (...words: string[]) => must(settings, ...words)

  beforeAll(async () => {
    const environment = { LIMIT_SEND_PER_SECOND: '0' }
    town = await Town.open({ users: ['olga'], environment })
    for (const user of ['alice', 'bob']) await town.register(user)
    settings = { DATA_DIR: town.product.dataDirectory, PUBLIC_URL: 'https://chat.example' }
  })
  afterAll(() => town?.close())
  afterEach(() => town.hangUp())

  test('[ADM10] makes an account that can sign in, with a password that is shown once and logged nowhere', async () => {
    const [said, password = ''] = await admin('create-user', 'carol', '--name', 'Carol C.')
    expect(said).toBe('carol has an account.')
    const secret = password.replace('Password: ', '')
    const { body } = await town.must('POST', '/api/login', { username: 'carol', password: secret })
    expect(body).toMatchObject({ user: { id: 'carol', displayName: 'Carol C.' } })
    const again = await runAdmin(settings, ['create-user', 'carol'])
    expect(again).toMatchObject({ code: 1, output: [], errors: 'This user name is taken.\n' })
    const weak = await runAdmin(settings, ['create-user', 'dave', '--password-stdin'], 'short\n')
    expect(weak.code).toBe(1)
    const log = [
      ...town.product.log,
      await readFile(join(town.product.dataDirectory, 'postgres', 'postgres.log'), 'utf8').catch(() => ''),
    ]
    expect(log.join('\n')).not.toContain(secret)
  })

  test('[ADM10] gives and takes roles; the last owner stays', async () => {
    expect((await town.must('GET', '/api/me', undefined, 'olga')).body).toMatchObject({ serverRole: 'owner' })
    const last = await runAdmin(settings, ['remove-role', 'olga'])
    expect(last).toMatchObject({ code: 1, errors: 'The last owner of the server stays its owner.\n' })
    await admin('make-owner', 'alice')
    expect((await town.must('GET', '/api/admin/users?only=roles', undefined, 'alice')).body.users).toHaveLength(2)
    await admin('remove-role', 'alice')
    expect((await town.request('GET', '/api/admin/users', undefined, 'alice')).status).toBe(403)
    await admin('make-moderator', 'alice')
    const listed = await admin('list-users', '--only', 'roles')
    expect(listed.map((line) => line.split(/ +/)[0])).toEqual(['alice', 'olga'])
    await admin('remove-role', 'alice')
  })

  test.each(['tcp', 'websocket'] as const)(
    '[ADM9] [P6] a suspension closes sessions and app tokens over %s within 5 s, and holds until restored',
    async (transport) => {
      const app = await town.appToken('bob')
      const clients = [
        await town.connect('bob', { transport, clientId: 'phone' }),
        await town.connect('bob', { transport, clientId: 'bot', password: app.token }),
      ]
      const other = await town.connect('alice', { transport, clientId: 'other' })
      const acting = admin('suspend', 'bob', '--reason', 'to see', '--days', '1').then(() => performance.now())
      await Promise.all(clients.map((client) => client.closed))
      expect(performance.now() - (await acting)).toBeLessThan(5_000)
      await other.ping()
      for (const credential of [town.token('bob'), app.token]) {
        const refused = await town.request('GET', '/api/me', undefined, credential)
        expect(refused).toMatchObject({
          status: 403,
          body: { error: { code: 'suspended', details: { reason: 'to see' } } },
        })
      }
      expect(await admin('restore', 'bob')).toEqual(['bob is restored.'])
      expect((await town.request('GET', '/api/me', undefined, app.token)).status).toBe(200)
      await town.signInAgain('bob')
    },
  )

  test('[ADM9] [P6] ending sessions closes their connections, not those of app tokens', async () => {
    const app = await town.appToken('bob')
    const phone = await town.connect('bob', { clientId: 'phone' })
    const bot = await town.connect('bob', { clientId: 'bot', password: app.token })
    const sessions = await admin('list-sessions', 'bob')
    expect(sessions.length).toBeGreaterThan(0)
    await closedWithin(phone, 5_000, () => admin('end-sessions', 'bob'))
    await bot.ping()
    expect(await admin('list-sessions', 'bob')).toEqual([])
    await town.signInAgain('bob')
  })

  test('[ADM9] a new signing key is used within 5 s, and nobody is signed out', async () => {
    const keys = async () => ((await town.must('GET', '/.well-known/jwks.json')).body.keys as { kid: string }[]).length
    const before = await keys()
    await admin('rotate-signing-key')
    await expect.poll(keys, { timeout: 5_000 }).toBe(before + 1)
    expect((await town.request('GET', '/api/me', undefined, 'olga')).status).toBe(200)
  })

  test('[ADM10] a link resets a password, an invitation can be opened, data are exported for one reader', async () => {
    const [link = ''] = await admin('reset-password', 'alice')
    expect(link).toMatch(/^https:\/\/chat\.example\/reset\/[\w-]{43}$/)
    const token = link.split('/').at(-1)
    await town.must('POST', '/api/password-reset/finish', { token, newPassword: STRONG })
    await town.must('POST', '/api/login', { username: 'alice', password: STRONG })
    const [invitation = ''] = await admin('invite', '--days', '1', '--uses', '1')
    expect(invitation).toMatch(/^https:\/\/chat\.example\/invite\//)
    const file = join(town.product.dataDirectory, 'alice.zip')
    expect(await admin('export', 'alice', '--to', file)).toEqual([file])
    expect((await readFile(file)).subarray(0, 2).toString()).toBe('PK')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await runAdmin(settings, ['export', 'alice', '--to', file])).errors).toContain('is there already')
  })

  test('[AUD1] what was done is written down without a person', async () => {
    const actions = (await admin('audit', '--limit', '200')).map((line) => line.split(/ {2,}/).slice(1, 3).join(' '))
    for (const action of ['user-created', 'user-suspended', 'user-restored', 'server-role-changed', 'sessions-ended']) {
      expect(actions).toContain(`- ${action}`)
    }
    expect(actions).toEqual(
      expect.arrayContaining(['- signing-key-rotated', '- data-exported', 'alice password-reset']),
    )
  })

  test('[ADM10] what is typed wrong is said, and changes nothing', async () => {
    const wrong: [string[], RegExp][] = [
      [['nonsense'], /usage: npm run admin/],
      [['suspend', 'bob'], /--reason/],
      [['suspend', 'nobody-here', '--reason', 'x'], /There is no such user/],
      [['restore', 'bob'], /bob is not suspended/],
      [['audit', '--colour'], /--colour/],
    ]
    for (const [words, said] of wrong) {
      const { code, errors } = await runAdmin(settings, words)
      expect(errors, words.join(' ')).toMatch(said)
      expect(code, words.join(' ')).toBeGreaterThan(0)
    }
  })
})

describe('without a server', { timeout: LONG_MS }, () => {
  test('[ADM10] starts the database, works, stops it; the first account of all is the owner', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tidings-admin-'))
    await chmod(directory, 0o755)
    const settings = { DATA_DIR: directory }
    await must(settings, 'create-user', 'olga')
    await must(settings, 'create-user', 'bob')
    const cluster = join(directory, 'postgres', 'postgres')
    const left = await readPostmaster(cluster)
    expect(left !== undefined && (await isServerOf(cluster, left.pid))).toBe(false)
    expect((await must(settings, 'list-users', '--only', 'roles'))[0]).toMatch(/^olga .*owner$/)

    const town = await Town.open({ users: ['carol'], environment: settings })
    try {
      const carol = await town.connect('carol')
      const listed = await must(settings, 'list-users')
      expect(listed.map((line) => line.split(' ')[0])).toEqual(['bob', 'carol', 'olga'])
      await carol.ping()
      expect((await town.request('GET', '/health/ready')).status).toBe(200)
    } finally {
      await town.close()
    }
  })

  test('[ADM10] works on a database of its own address too', async () => {
    const server: TestServer = await startEmbeddedServer()
    const directory = await mkdtemp(join(tmpdir(), 'tidings-admin-'))
    const settings = { DATA_DIR: directory, DATABASE_URL: server.url('postgres').replace('@/', '@localhost/') }
    try {
      await must(settings, 'create-user', 'olga')
      const town = await Town.open({ users: ['bob'], environment: settings })
      try {
        const bob = await town.connect('bob')
        await closedWithin(bob, 5_000, () => must(settings, 'suspend', 'bob', '--reason', 'to see'))
      } finally {
        await town.close()
      }
    } finally {
      await server.stop()
    }
  })
})
