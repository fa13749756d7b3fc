/** Everything that the server keeps about one person, as a ZIP of JSON files ([PD1]). */
import { Readable, type Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { ZipFile } from 'yazl'
import { FULL_SCOPE, mayDo, readableFrom, type Session } from '../../../auth-plugin/index.ts'
import { EXPORT_VERSION } from '../../../protocol/http/personal-data.ts'
import type { RoomId, UserId } from '../../../protocol/ids.ts'
import type { Store } from '../../../store/index.ts'

const PAGE = 200
const AUDIT_PAGE = 200

const README = `What this server keeps about you, as of the time in manifest.json.

profile, email, privacy        who you are and what you decided
sessions, app-tokens           where you are signed in; the tokens themselves are kept as hashes only and are not here
rooms, memberships             your rooms, and your role in them
marks, cursors                 how far you have read
events-authored                everything you wrote, joined, changed or reacted to, in rooms you have left too
events-addressed               messages that name you, in rooms that you may read
direct-messages                your direct rooms, with what the other one wrote
audit                          acts on this server by you or about you

The other files are named after what is in them. Each is a JSON array; times are milliseconds since 1970. Entries of
events carry the id of the room and the event as the protocol describes it.
`

type Entry = { room: RoomId; event: unknown }

/**
 * Writes the archive and ends the stream; resolves when it is out. Memory does not grow with what there is: every file
 * is read while it is written. Rejects when the stream fails, or with `unavailable`.
 */
export async function writeExport(store: Store, user: UserId, output: Writable, at = Date.now()): Promise<void> {
  const { personalData } = store
  const zip = new ZipFile()
  const options = { mtime: new Date(at) }
  const failed = new AbortController()
  const add = (name: string, rows: () => AsyncIterable<unknown>) =>
    zip.addReadStreamLazy(`${name}.json`, options, (done) => {
      const stream = Readable.from(asJson(rows()))
      stream.on('error', (error) => failed.abort(error))
      done(null, stream)
    })

  const files = personalData.files
  const own: Record<string, () => AsyncIterable<unknown>> = {
    rooms: () => roomsOf(store, user),
    'events-authored': () => personalData.authored(user),
    'events-addressed': () => addressed(store, user, at),
    'direct-messages': () => directMessages(store, user, at),
    audit: () => auditOf(store, user),
  }
  zip.addBuffer(Buffer.from(README), 'README.txt', options)
  for (const file of files) add(file, () => personalData.rows(file, user))
  for (const [file, rows] of Object.entries(own)) add(file, rows)
  const avatar = await personalData.avatar(user)
  const picture = avatar && `avatar.${avatar.type.split('/').at(-1)}`
  if (avatar !== undefined && picture !== undefined) zip.addBuffer(Buffer.from(avatar.body), picture, options)
  const listed = [...files, ...Object.keys(own)].map((name) => `${name}.json`)
  const manifest = {
    product: 'tidings',
    version: EXPORT_VERSION,
    user,
    at,
    files: [...listed, ...(picture === undefined ? [] : [picture])],
  }
  zip.addBuffer(Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`), 'manifest.json', options)
  zip.end()
  zip.on('error', (error) => failed.abort(error))

  const archive = zip.outputStream as unknown as Readable
  failed.signal.addEventListener('abort', () => output.destroy(failed.signal.reason as Error))
  output.on('close', () => archive.destroy())
  archive.pipe(output)
  await finished(output)
}

/** One array, an entry a line. */
async function* asJson(rows: AsyncIterable<unknown>): AsyncIterable<string> {
  let before = '[\n'
  for await (const row of rows) {
    yield before + JSON.stringify(row)
    before = ',\n'
  }
  yield before === '[\n' ? '[]\n' : '\n]\n'
}

async function* roomsOf(store: Store, user: UserId): AsyncIterable<unknown> {
  for (const id of await store.personalData.roomsOf(user)) {
    const room = await store.rooms.get(id)
    if (room !== undefined) yield { id, name: room.name, kind: room.kind, topicLine: room.topicLine }
  }
}

/** From which seq on the user may read a room; infinity for one that he may not. */
async function createReach(store: Store, user: UserId, at: number): Promise<(room: RoomId) => Promise<number>> {
  const session: Session = { user, credential: { kind: 'session', id: '' }, expiresAt: null, scope: FULL_SCOPE }
  let last: { room: RoomId; from: number } | undefined
  return async (room) => {
    if (last?.room === room) return last.from
    const standing = await store.members.standing(user, room)
    const may = standing !== undefined && mayDo(session, room, 'read', standing, at).ok
    last = { room, from: may ? readableFrom(standing) : Number.POSITIVE_INFINITY }
    return last.from
  }
}

/** Where the message itself may not be read any more, its place alone. */
async function* addressed(store: Store, user: UserId, at: number): AsyncIterable<unknown> {
  const reach = await createReach(store, user, at)
  for await (const { room, seq } of store.personalData.mentions(user)) {
    if (seq < (await reach(room))) yield { room, seq }
    else yield { room, event: await store.archive.find(room, seq) } satisfies Entry
  }
}

async function* directMessages(store: Store, user: UserId, at: number): AsyncIterable<Entry> {
  const reach = await createReach(store, user, at)
  for (const room of await store.personalData.roomsOf(user)) {
    if ((await store.rooms.get(room))?.kind !== 'direct') continue
    const from = await reach(room)
    if (from === Number.POSITIVE_INFINITY) continue
    for (let after = from - 1; ; ) {
      const { messages, more } = await store.archive.page({ room, after, limit: PAGE, from })
      for (const event of messages) yield { room, event }
      const last = messages.at(-1)
      if (last === undefined || !more) break
      after = last.seq
    }
  }
}

async function* auditOf(store: Store, user: UserId): AsyncIterable<unknown> {
  for (let before: number | undefined; ; ) {
    const page = await store.audit.list({
      limit: AUDIT_PAGE,
      about: user,
      ...(before !== undefined && { before }),
    })
    // Who else had a part in it is not about this person.
    for (const { actor, subject, ...entry } of page) {
      yield { ...entry, ...(actor === user && { actor }), ...(subject === user && { subject }) }
    }
    before = page.at(-1)?.id
    if (before === undefined || page.length < AUDIT_PAGE) return
  }
}
