/** People, rooms and a conversation, made over HTTP: what the stories about looks and keys begin with. */
import type { Member, Sync } from '../../protocol/http.ts'
import type { Receipt } from '../../protocol/presence.ts'
import { PASSWORD } from './browser.ts'

export type Person = { username: string; accessToken: string }

async function call(url: string, method: string, path: string, body: unknown, token?: string): Promise<unknown> {
  const response = await fetch(`${url}/api${path}`, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}

export async function register(url: string, username: string, displayName: string): Promise<Person> {
  const answer = await call(url, 'POST', '/register', { username, password: PASSWORD, displayName })
  return { username, accessToken: (answer as { accessToken: string }).accessToken }
}

export const createRoom = (url: string, by: Person, room: Record<string, unknown>): Promise<unknown> =>
  call(url, 'POST', '/rooms', room, by.accessToken)

/** One message; resolves with its seq. */
export async function post(url: string, by: Person, room: string, text: string, more: object = {}): Promise<number> {
  const sent = await call(url, 'POST', '/messages', { room, text, ...more }, by.accessToken)
  return (sent as { seq: number }).seq
}

/** What the server says is unread in a room. */
export async function unread(url: string, person: Person, room: string): Promise<number | undefined> {
  const { rooms } = (await call(url, 'GET', '/sync', undefined, person.accessToken)) as Sync
  return rooms.find(({ id }) => id === room)?.unread
}

/** What the server says of how far a member has read and been delivered. */
export async function receiptOf(url: string, by: Person, room: string, user: string): Promise<Receipt | undefined> {
  return ((await call(url, 'GET', `/rooms/${room}/members/${user}`, undefined, by.accessToken)) as Member).receipt
}

/** Ana (ana), Bob and Carla, in a private room with a bit of everything, a public one, and a conversation. */
export async function seedTown(url: string): Promise<Record<'ana' | 'bob' | 'carla', Person>> {
  const ana = await register(url, 'ana', 'Ana Marlowe')
  const bob = await register(url, 'bob', 'Bob Tanaka')
  const carla = await register(url, 'carla', 'Carla de la Fuente')
  await createRoom(url, ana, { id: 'design', name: 'Design', kind: 'private', members: ['bob', 'carla'] })
  await createRoom(url, bob, { id: 'lunch', name: 'Lunch', kind: 'public', topicLine: 'Where, when, and who cooks' })
  await createRoom(url, bob, { kind: 'direct', members: ['ana'] })
  const first = await post(url, bob, 'design', 'The **new tokens** are in, see https://example.org/tidewater')
  await post(url, bob, 'design', '- one accent\n- borders before shadows\n- `system-ui` everywhere')
  const mine = await post(url, ana, 'design', 'Looks calm, I like it', { replyTo: first })
  await post(url, carla, 'design', '', { type: 'react', seq: mine, emoji: '👍', text: undefined })
  await post(url, carla, 'design', '```\n--muted: light-dark(#53606f, #a3b0bf);\n```')
  const gone = await post(url, carla, 'design', 'oops')
  await post(url, carla, 'design', '', { type: 'delete', seq: gone, text: undefined })
  await post(url, bob, 'design', '> one accent\nThat sentence stays, @ana', { mentions: ['ana'] })
  await post(url, bob, 'design', '🎉🎉')
  return { ana, bob, carla }
}

export const joinRoom = (url: string, person: Person, room: string): Promise<unknown> =>
  call(url, 'POST', `/rooms/${room}/join`, {}, person.accessToken)

/** A new app token for a device of this person. */
export async function appToken(url: string, person: Person): Promise<string> {
  const made = await call(url, 'POST', '/me/tokens', { name: 'a device' }, person.accessToken)
  return (made as { token: string }).token
}
