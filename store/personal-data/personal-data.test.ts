import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AT, addUsers, join, makeRoom, message, roomId, say, userId } from '../test/fixtures.ts'
import { openTestStore, type TestStore } from '../test/open-test-store.ts'
import { declaredTables } from './declared-tables.ts'
import { STRIDE } from './export-rows.ts'
import type { Deletion } from './personal-data.ts'
import { renameIn, rewriteEvent } from './rewrite-event.ts'

const [ana, ben, zoe] = [userId('ana'), userId('ben'), userId('zoe')]
const standIn = userId('deleted-abc')
const deletion: Deletion = { user: zoe, standIn, messages: 'anonymise', forgotten: false }

let store: TestStore
let client: pg.Client
beforeAll(async () => {
  store = await openTestStore()
  client = new pg.Client({ connectionString: store.url })
  await client.connect()
})
afterAll(async () => {
  await client?.end()
  await store?.close()
})

describe('what is declared', () => {
  test('[PD5] every column that could hold something about a person is declared, and nothing else', async () => {
    const { rows } = await client.query<{ table_name: string; column_name: string; data_type: string }>(`
      select table_name, column_name, data_type from information_schema.columns
      where table_schema = 'public' and table_name not like 'kysely_%'`)
    const harmless = ['integer', 'bigint', 'smallint', 'boolean', 'xid8']
    const found = rows.filter(({ data_type }) => !harmless.includes(data_type))
    const isDeclared = (row: (typeof rows)[number]) =>
      row.column_name in (declaredTables[row.table_name]?.columns ?? {})
    expect(found.filter((row) => !isDeclared(row)).map((row) => `${row.table_name}.${row.column_name}`)).toEqual([])

    const there = new Set(rows.map(({ table_name, column_name }) => `${table_name}.${column_name}`))
    const declared = Object.entries(declaredTables).flatMap(([table, { columns }]) =>
      Object.keys(columns).map((column) => `${table}.${column}`),
    )
    expect(declared.filter((one) => !there.has(one))).toEqual([])
    expect(
      [...new Set(rows.map(({ table_name }) => table_name))].filter((table) => !(table in declaredTables)),
    ).toEqual([])
  })

  test('[PD5] columns that refer to users are declared as ids of users', async () => {
    const { rows } = await client.query<{ table: string; column: string }>(`
      select c.conrelid::regclass::text as table, a.attname as column
      from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any(c.conkey)
      where c.contype = 'f' and c.confrelid = 'users'::regclass`)
    expect(rows.length).toBeGreaterThan(10)
    const ids = ['row goes', 'is renamed', 'is emptied']
    const wrong = rows.filter(({ table, column }) => !ids.includes(String(declaredTables[table]?.columns[column])))
    expect(wrong).toEqual([])
    // No account has the name of a stand-in.
    const renamed = rows.filter(({ table, column }) => declaredTables[table]?.columns[column] === 'is renamed')
    expect(renamed).toEqual([])
  })

  test('[PD1] every table is exported, or says why not', () => {
    const silent = Object.entries(declaredTables).filter(([, { exports, notExported }]) => !exports && !notExported)
    expect(silent).toEqual([])
  })
})

describe('[DEL3] an event without the person', () => {
  const rewrite = (body: object, messages: Deletion['messages'] = 'anonymise') =>
    rewriteEvent({ ...body }, { user: zoe, standIn, messages })

  test.each([
    [
      { type: 'joined', from: ana, at: 1, user: zoe, role: 'member' },
      { type: 'joined', from: ana, at: 1, user: standIn, role: 'member' },
    ],
    [
      { type: 'message', from: zoe, at: 1, id: 'zoe-1', text: 'I am zoe' },
      { type: 'message', from: standIn, at: 1, text: 'I am zoe' },
    ],
    [
      { type: 'message', from: ana, at: 1, id: 'a-1', text: '@zoe, @ben', mentions: [zoe, ben] },
      { type: 'message', from: ana, at: 1, id: 'a-1', text: `@${standIn}, @ben`, mentions: [standIn, ben] },
    ],
    [
      { type: 'message', from: ana, at: 1, text: 'zoe' },
      { type: 'message', from: ana, at: 1, text: 'zoe' },
    ],
    [
      { type: 'created', from: ana, at: 1, changes: { kind: 'direct', name: 'ana, zoe' } },
      { type: 'created', from: ana, at: 1, changes: { kind: 'direct', name: `ana, ${standIn}` } },
    ],
  ])('%j becomes %j', (before, after) => {
    expect(rewrite(before)).toEqual(after)
  })

  test('with remove, own words are blanked as by a deletion, and those of others are not', () => {
    const blank = { type: 'message', from: standIn, at: 1, text: '', deleted: true }
    expect(rewrite({ type: 'message', from: zoe, at: 1, text: 'secret', files: ['f'], mine: 'x' }, 'remove')).toEqual(
      blank,
    )
    expect(rewrite({ type: 'edited', from: zoe, at: 1, target: 7, text: 'secret' }, 'remove')).toEqual({
      ...blank,
      type: 'edited',
      target: 7,
    })
    expect(rewrite({ type: 'message', from: ana, at: 1, text: 'hi' }, 'remove')).toMatchObject({ text: 'hi' })
  })

  test.each([
    ['@zoe', '@X'],
    ['hi @zoe.', 'hi @X.'],
    ['(@zoe) @zoe-- @zoe!', '(@X) @X-- @X!'],
    ['@zoe.b @zoe-x @zoey mail@zoe a/@zoe', '@zoe.b @zoe-x @zoey mail@zoe a/@zoe'],
    ['@Zoe zoe', '@Zoe zoe'],
  ])('%s reads %s', (before, after) => {
    expect(renameIn(before, 'zoe', 'X')).toBe(after)
  })

  test('a name with a dot is that name alone', () => {
    expect(renameIn('@z.oe @zxoe', 'z.oe', 'X')).toBe('@X @zxoe')
  })
})

describe('going through the log', () => {
  const rewriteAll = async (of: Deletion) => {
    const rooms: string[] = []
    for (let done = false; !done; ) {
      const part = await store.personalData.rewriteLog(of)
      done = part.done
      rooms.push(...part.rooms)
    }
    return rooms
  }
  const stored = async (room: string) =>
    (
      await client.query<{ author: string; body: Record<string, unknown> }>(
        'select author, body from events where room_id = $1 order by seq',
        [room],
      )
    ).rows

  test('[DEL5] goes on where it stopped, raises the epoch of what it changed, and forgets itself', async () => {
    await addUsers(store, ana, ben, zoe)
    await makeRoom(store, roomId('one'), [ana, zoe])
    await makeRoom(store, roomId('two'), [ana])
    await say(store, roomId('two'), ana, 'hello')
    await join(store, roomId('two'), ben)
    const texts = Array.from({ length: 1_200 }, (_, i) => `${i}`)
    await say(store, roomId('one'), zoe, ...texts)
    const authored: unknown[] = []
    for await (const { room, event } of store.personalData.authored(zoe)) {
      authored.push([room, event.seq, 'text' in event && event.text])
    }
    // [PD1] In pages, and each event once.
    expect(authored).toEqual(texts.map((text, i) => ['one', 4 + i, text]))
    for (const room of await store.personalData.roomsOf(zoe)) {
      await store.archive.appendWith(room, async (transaction) => {
        await store.members.remove(transaction, room, zoe)
        return [{ type: 'left', from: zoe, at: AT, user: zoe }]
      })
    }
    expect(await store.personalData.begin({ ...deletion, at: AT })).toBeUndefined()
    await store.personalData.forget(deletion)
    const first = await store.personalData.rewriteLog(deletion)
    expect(first).toEqual({ rooms: ['one'], done: false })
    const half = await stored('one')
    expect(half.filter(({ author }) => author === zoe).length).toBeGreaterThan(0)
    expect(half.filter(({ author }) => author === standIn).length).toBe(500 - 1)
    // As after a restart: what is known is in the job's row.
    const [left] = await store.personalData.deletions()
    expect(left).toEqual({ ...deletion, forgotten: true })
    expect(await rewriteAll(left as Deletion)).toEqual(['one', 'one'])
    expect(await store.personalData.deletions()).toEqual([])

    const after = await stored('one')
    expect(JSON.stringify(after)).not.toContain('"zoe"')
    expect(after.filter(({ body }) => body.type === 'message').map(({ body }) => body.text)).toEqual(texts)
    expect((await store.rooms.get(roomId('one')))?.epoch).toBe(4)
    expect((await store.rooms.get(roomId('two')))?.epoch).toBe(1)
  })

  test('[DEL3] a message that is deleted while the log is rewritten stays blank', async () => {
    const eve = userId('eve')
    await addUsers(store, eve)
    const of = { ...deletion, user: eve, forgotten: true }
    const room = roomId('race')
    await makeRoom(store, room, [ana, eve])
    const seqs = await say(store, room, eve, ...Array.from({ length: 300 }, (_, i) => `secret ${i}`))
    await store.archive.appendWith(room, async (transaction) => {
      await store.members.remove(transaction, room, eve)
      return []
    })
    await store.personalData.begin({ ...of, at: AT })
    await store.personalData.forget(of)
    const deleting = seqs.map((target) =>
      store.archive.append({ room, draft: { type: 'deleted', from: ana, at: AT, target: target as never } }),
    )
    await Promise.all([rewriteAll(of), ...deleting])
    expect(JSON.stringify(await stored('race'))).not.toMatch(/secret|"eve"/)
  })

  test('[DEL5] a log longer than a stride is gone through to its end', async () => {
    const flo = userId('flo')
    await addUsers(store, flo)
    const of = { ...deletion, user: flo, forgotten: true }
    await makeRoom(store, roomId('long'), [ana])
    await client.query(
      `insert into events (room_id, seq, type, author, at, messages, body)
       select 'long', n, 'message', 'ana', 1, 0, '{"type":"message","from":"ana","at":1,"text":"x"}'
       from generate_series(10, ${STRIDE * 2}) n`,
    )
    await client.query(`update rooms set head = ${STRIDE * 2} where id = 'long'`)
    await store.archive.append({ room: roomId('long'), draft: message(ana, 'at last, @flo') })
    await store.personalData.begin({ ...of, at: AT })
    await store.personalData.forget(of)
    expect(await rewriteAll(of)).toEqual(['long'])
    expect((await stored('long')).at(-1)?.body.text).toBe(`at last, @${standIn}`)
  })

  test('[DEL2] of two last owners who go at once, one is told to stay', async () => {
    const [gus, hal] = [userId('gus'), userId('hal')]
    await addUsers(store, gus, hal)
    await makeRoom(store, roomId('pair'), [gus])
    await join(store, roomId('pair'), hal, 'owner')
    await join(store, roomId('pair'), ben)
    const answers = await Promise.all(
      [gus, hal].map((user, n) =>
        store.personalData.begin({ user, standIn: userId(`deleted-${n}`), messages: 'anonymise', at: AT }),
      ),
    )
    expect(answers.filter((one) => one === undefined)).toHaveLength(1)
    expect(answers.find((one) => one !== undefined)).toEqual({
      rooms: [{ id: 'pair', name: 'Room pair' }],
      server: false,
    })
  })

  test('[DEL4] nobody takes the name of a deleted account, nor that of a stand-in', async () => {
    const ida = userId('ida')
    await addUsers(store, ida)
    const of = { ...deletion, user: ida }
    await store.personalData.begin({ ...of, at: AT })
    await store.personalData.forget(of)
    await rewriteAll(of)
    const tell = (id: string) => addUsers(store, userId(id)).catch((error: { code: string }) => error.code)
    expect(await tell('ida')).toBe('username_taken')
    expect(await tell('deleted-x')).toBe('username_taken')
    const { rows } = await client.query('select hash from taken_names')
    expect(JSON.stringify(rows)).not.toContain('ida')
  })
})
