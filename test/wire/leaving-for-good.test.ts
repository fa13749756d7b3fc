/** What the server knows of somebody, handed over and then forgotten: looked at from outside, in every table and file. */
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { declaredTables } from '../../store/personal-data/declared-tables.ts'
import { startEmbeddedServer, type TestServer } from '../../store/test/test-server.ts'
import type { RawClient } from './raw-client.ts'
import { Town } from './town.ts'
import { readZip } from './zip-files.ts'

const PASSWORD = 'nine blue herons at dusk'
const ID = 'zoe-quill'
const NAME = 'Zoë Quillfeather'
const EMAIL = 'feather@quill.example'

let server: TestServer
let town: Town
let db: pg.Client

beforeAll(async () => {
  server = await startEmbeddedServer()
  const admin = new pg.Client({ connectionString: server.url('postgres') })
  await admin.connect()
  await admin.query('create database leaving')
  await admin.end()
  town = await Town.open({
    users: ['owen'],
    environment: {
      DATABASE_URL: server.url('leaving').replace('@/', '@localhost/'),
      LIMIT_LOGIN_PER_MINUTE: '0',
      LOG_LEVEL: 'debug',
    },
  })
  await town.register(ID)
  await town.register('yan-leaf')
  db = new pg.Client({ connectionString: server.url('leaving') })
  await db.connect()
})
afterAll(async () => {
  await db?.end()
  await town?.close()
  await server?.stop()
})

/** The tables in which one of these stands anywhere, in any column. */
async function tracesOf(...needles: string[]): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
  )
  const found: string[] = []
  for (const { name } of rows) {
    const { rowCount } = await db.query(
      `select from "${name}" t where exists (select from unnest($1::text[]) n where strpos(lower(t::text), lower(n)) > 0)`,
      [needles],
    )
    if (rowCount !== 0) found.push(name)
  }
  return found.sort()
}

async function filesWith(folder: string, needles: string[]): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const content = (await readFile(path)).toString('latin1')
    if (needles.some((needle) => content.includes(needle) || entry.name.includes(needle))) found.push(path)
  }
  return found
}

const textOf = (message: { text: string }) => JSON.parse(message.text) as Record<string, unknown>

/** One row in each table that a person can leave something in and that the story did not fill. */
async function fillTables(): Promise<void> {
  const at = 1_763_652_000_000
  const random = randomBytes(8).toString('hex')
  const statements: [string, unknown[]][] = [
    [
      `update users set display_name = $2, about = 'all about ' || $2, status_state = 'away', status_text = $2 where id = $1`,
      [ID, NAME],
    ],
    ['update credentials set email = $2, email_verified_at = $3 where user_id = $1', [ID, EMAIL, at]],
    [`insert into action_links values ($2, $1, 'verify-email', $3, $4, $4)`, [ID, random, EMAIL, at]],
    [`insert into export_tickets values ($2, $1, $3)`, [ID, `t${random}`, at]],
    [`insert into avatars values ($2, $1, 'image/png', '\\x89504e47', $3)`, [ID, `a${random}`, at]],
    [`insert into privacy values ($1, 'everyone', 'contacts', 'nobody', true, true)`, [ID]],
    [`insert into blocks values ($1, 'yan-leaf', $2), ('yan-leaf', $1, $2)`, [ID, at]],
    [
      `insert into room_bans values ('gate', $1, $2, 'loud', 'owen', $2), ('lair', 'yan-leaf', $2, 'loud', $1, $2)`,
      [ID, at],
    ],
    [
      `insert into room_invitations values ('gate', $1, 'member', 'owen', $2), ('lair', 'yan-leaf', 'member', $1, $2)`,
      [ID, at],
    ],
    [`insert into join_requests values ('gate', $1, 'let ' || $3::text || ' in', $2)`, [ID, at, NAME]],
    [`insert into invites values ('i1', null, null, 'h1', 's1', 'note', $1, 0, null, $2, null)`, [ID, at]],
    [`insert into server_roles values ($1, 'moderator', $2) on conflict do nothing`, [ID, at]],
    [`insert into suspensions values ('yan-leaf', $2, $2, 'noise', $1), ($1, $2, $2, 'noise', 'owen')`, [ID, at]],
    [
      `insert into reports (at, reporter, subject, room_id, seq, reason, text, message)
       values ($2, $1, 'yan-leaf', 'club', 1, 'other', 'rude', '{"type":"message","from":"yan-leaf","at":1,"text":"you, @${ID}"}'),
              ($2, 'owen', $1, 'club', 1, 'other', 'rude', '{"type":"message","from":"${ID}","at":1,"text":"hm"}')`,
      [ID, at],
    ],
    [
      `insert into passkeys values ($2, $1, 'key of ' || $3::text, 'pk', 0, '{usb}', $4, null)`,
      [ID, `p${random}`, NAME, at],
    ],
    [`insert into totp_secrets (user_id, secret, created_at) values ($1, 'sealed', $2)`, [ID, at]],
    [`insert into recovery_codes values ($1, 'hash')`, [ID]],
    [`insert into identities values ('id1', 'https://idp.example', 'sub-1', $1, $2, $3, null)`, [ID, NAME, at]],
    [`insert into access_changes (user_id, credential) values ($1, null)`, [ID]],
  ]
  for (const [text, values] of statements) await db.query(text, values)
}

describe('[PD1] [DEL1] somebody who has done everything', () => {
  let zoe: RawClient
  let owen: RawClient
  let exported: Map<string, Buffer>
  const rowsOf = (file: string) => JSON.parse(String(exported.get(`${file}.json`))) as Record<string, unknown>[]
  const before: Record<string, number> = {}

  beforeAll(async () => {
    await town.makeRoom('club', ['owen', ID, 'yan-leaf'], 'public')
    await town.makeRoom('gate', ['owen'])
    await town.makeRoom('lair', [ID, 'owen'])
    const { body: direct } = await town.must('POST', '/api/rooms', { kind: 'direct', members: [ID] }, 'owen')
    owen = await town.connect('owen', { clientId: 'owens' })
    await owen.subscribe(['rooms/+/messages', 'rooms/+/state'], 1)
    const away = await town.connect('owen', { clientId: 'away', clean: false })
    await away.subscribe('rooms/club/messages', 1)
    away.destroy()
    zoe = await town.connect(ID, { clientId: `${ID}-phone`, clean: false })
    await zoe.subscribe('rooms/+/messages', 1)
    await zoe.publish('rooms/club/send', 'no id, so a transmission', { qos: 1 })
    await zoe.publish('rooms/club/send', JSON.stringify({ type: 'message', id: `${ID}-1`, text: 'with an id' }), {
      qos: 1,
    })
    await town.must('POST', '/api/messages', { room: 'club', text: `@${ID}: are you there?` }, 'owen')
    await town.must('POST', '/api/messages', { room: direct.id, text: 'between us' }, 'owen')
    await town.must('POST', '/api/messages', { room: direct.id, text: 'of course' }, ID)
    await zoe.publish('rooms/club/mark', JSON.stringify({ read: 3 }), { qos: 1 })
    await zoe.publish(`users/${ID}/status`, JSON.stringify({ state: 'away', text: NAME }), { qos: 1 })
    await town.appToken(ID, { name: `token of ${NAME}` })
    await fillTables()
  })

  test('[PD5] the story leaves something in every table that can hold anything about anybody', async () => {
    const { deletions: _job, taken_names: _hash, ...tables } = declaredTables
    const concerned = Object.entries(tables).filter(([, { columns }]) =>
      Object.values(columns).some((one) => typeof one === 'string'),
    )
    // Marks, cursors and presence are written within a second.
    const expected = concerned.map(([table]) => table).sort()
    await expect.poll(() => tracesOf(ID, NAME, EMAIL), { timeout: 5_000 }).toEqual(expected)
  })

  test('[PD2] the ticket needs the password, is good once, and downloads a ZIP', async () => {
    for (const { name, file, by } of Object.entries(declaredTables).flatMap(([name, { exports = [] }]) =>
      exports.map((one) => ({ name, ...one })),
    )) {
      const { rows } = await db.query(`select count(*)::int as n from "${name}" where "${by}" = $1`, [ID])
      before[file] = rows[0].n as number
    }
    const wrong = await town.request('POST', '/api/me/export', { password: 'not it at all' }, ID)
    expect([wrong.status, wrong.body.error]).toMatchObject([401, { code: 'invalid_credentials' }])
    const { status, body } = await town.request('POST', '/api/me/export', { password: PASSWORD }, ID)
    expect([status, body]).toEqual([201, { ticket: expect.any(String), expiresIn: 60 }])
    const file = await fetch(`${town.product.url}/api/me/export/${body.ticket}`)
    expect(file.headers.get('content-type')).toBe('application/zip')
    expect(file.headers.get('content-disposition')).toMatch(/^attachment; filename="tidings-zoe-quill-[\d-]+\.zip"$/)
    exported = await readZip(new Uint8Array(await file.arrayBuffer()))
    const again = await town.request('GET', `/api/me/export/${body.ticket}`)
    expect([again.status, again.body.error]).toMatchObject([400, { code: 'invalid_link' }])
  })

  test('[PD1] everything is in it, and no secret', async () => {
    const manifest = JSON.parse(String(exported.get('manifest.json')))
    expect(manifest).toMatchObject({ product: 'tidings', version: 1, user: ID })
    expect([...exported.keys()].sort()).toEqual([...manifest.files, 'README.txt', 'manifest.json'].sort())
    for (const [file, count] of Object.entries(before)) expect([file, rowsOf(file).length]).toEqual([file, count])
    expect(Object.values(before).filter((count) => count === 0)).toEqual([])
    expect(rowsOf('profile')).toMatchObject([{ id: ID, displayName: NAME }])
    expect(rowsOf('email')).toMatchObject([{ email: EMAIL }])
    expect(rowsOf('rooms').map(({ id }) => id)).toEqual(expect.arrayContaining(['club', 'lair']))
    const texts = (file: string) => rowsOf(file).map(({ event }) => (event as { text?: string }).text)
    expect(texts('events-authored')).toEqual(
      expect.arrayContaining(['no id, so a transmission', 'with an id', 'of course']),
    )
    expect(texts('events-addressed')).toEqual([`@${ID}: are you there?`])
    expect(texts('direct-messages')).toEqual(expect.arrayContaining(['between us', 'of course']))
    expect(rowsOf('audit').map(({ action }) => action)).toEqual(expect.arrayContaining(['data-exported']))
    expect(exported.get('avatar.png')?.toString('hex')).toBe('89504e47')
    const everything = [...exported.values()].join('\n')
    expect(everything).not.toMatch(/\$2[aby]\$|sealed|refreshHash|passwordHash|codeHash|publicKey/)
  })

  test('[DEL2] not without the password, and not while a room would be nobody’s', async () => {
    const ask = (password: string) => town.request('DELETE', '/api/me', { password, messages: 'anonymise' }, ID)
    expect((await ask('not it at all')).body.error).toMatchObject({ code: 'invalid_credentials' })
    expect((await ask(PASSWORD)).body.error).toMatchObject({
      code: 'conflict',
      details: { rooms: [{ id: 'lair', name: 'lair' }], server: false },
    })
    const owner = await town.request('DELETE', '/api/me', { password: PASSWORD, messages: 'anonymise' }, 'owen')
    expect(owner.body.error).toMatchObject({ code: 'conflict', details: { server: true } })
    expect(await tracesOf('deleted-')).toEqual([])
  })

  test('[DEL1] [DEL3] nothing of it is left, and what was said stays without a name', async () => {
    await town.must('PUT', '/api/rooms/lair/members/owen', { role: 'owner' }, ID)
    const { status } = await town.request('DELETE', '/api/me', { password: PASSWORD, messages: 'anonymise' }, ID)
    expect(status).toBe(204)
    await zoe.closed
    await expect.poll(() => tracesOf(ID, NAME, EMAIL), { timeout: 10_000 }).toEqual([])
    expect(await filesWith(town.product.dataDirectory, [ID, NAME, EMAIL])).toEqual([])

    const log = await town.log('club', 'owen')
    const said = log.filter(({ type }) => type === 'message')
    expect(said.map(({ text }) => text)).toEqual([
      'no id, so a transmission',
      'with an id',
      expect.stringMatching(/^@deleted-[a-z0-9]{12}: are you there\?$/),
    ])
    expect(new Set(said.slice(0, 2).map(({ from }) => from)).size).toBe(1)
    expect(said[0]?.from).toMatch(/^deleted-[a-z0-9]{12}$/)
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, i) => i + 1))
    expect(log.at(-1)).toMatchObject({ type: 'left', user: said[0]?.from })
    expect(town.product.log.join('\n')).not.toMatch(/Quillfeather|quill\.example/)
  })

  test('[DEL6] clients are told that the log is another one, and readers that catch up get no old copy', async () => {
    const state = await owen.message(({ topic, text }) => topic === 'rooms/club/state' && JSON.parse(text).epoch === 2)
    expect(textOf(state)).toMatchObject({ id: 'club', members: 2 })
    expect(owen.texts('club')).toContain(`@${ID}: are you there?`)
    const back = await town.connect('owen', { clientId: 'away', clean: false })
    await back.subscribe('rooms/club/messages', 1)
    await back.message(({ text }) => text.includes('"left"'))
    expect(back.texts('club')).toHaveLength(3)
    expect(JSON.stringify(back.messages)).not.toContain(ID)
  })

  test('[DEL4] nobody comes back as the one who went', async () => {
    expect((await town.request('GET', '/api/me', undefined, ID)).status).toBe(401)
    const login = await town.request('POST', '/api/login', { username: ID, password: PASSWORD })
    expect(login.body.error).toMatchObject({ code: 'invalid_credentials' })
    const taken = await town.request('POST', '/api/register', { username: ID, password: PASSWORD })
    expect(taken.body.error).toMatchObject({ code: 'username_taken' })
    const audit = await db.query("select actor from audit_log where action = 'account-deleted'")
    expect(audit.rowCount).toBe(1)
  })
})

test('[DEL3] [DEL5] with remove the words go too, also when the server dies in the middle', async () => {
  await town.makeRoom('attic', ['owen', 'yan-leaf'])
  for (const text of ['one', 'two']) await town.must('POST', '/api/messages', { room: 'attic', text }, 'yan-leaf')
  await town.must('POST', '/api/messages', { room: 'attic', text: 'three' }, 'owen')
  // As a crash leaves it: begun, and nothing else.
  await db.query("insert into deletions values ('yan-leaf', 'deleted-yyyyyyyyyyyy', 'remove', 1)")
  await town.product.kill()
  const restarted = await town.product.restart()
  try {
    await expect.poll(() => tracesOf('yan-leaf'), { timeout: 10_000 }).toEqual([])
    const { rows } = await db.query(
      "select author, body ->> 'text' as text from events where room_id = 'attic' and type = 'message' order by seq",
    )
    expect(rows).toEqual([
      { author: 'deleted-yyyyyyyyyyyy', text: '' },
      { author: 'deleted-yyyyyyyyyyyy', text: '' },
      { author: 'owen', text: 'three' },
    ])
  } finally {
    await restarted.stop()
  }
})
