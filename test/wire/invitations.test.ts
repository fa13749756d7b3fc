/** Invitations through both doors: told in the inbox, answered over MQTT alone, links over HTTP without a sign-in. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { InviteLink } from '../../protocol/http/invites.ts'
import type { RawClient } from './raw-client.ts'
import { Town } from './town.ts'

let town: Town
let ana: RawClient
let bob: RawClient

beforeAll(async () => {
  town = await Town.open({ users: ['ana', 'bob', 'carla'], rooms: { design: ['ana'], cellar: ['ana'] } })
  ana = await town.connect('ana')
  bob = await town.connect('bob')
  await ana.subscribe('users/ana/inbox')
  await bob.subscribe(['users/bob/inbox', 'rooms/+/messages'])
})
afterAll(() => town?.close())

const notice = async (client: RawClient, user: string, type: string) =>
  JSON.parse(
    (await client.message(({ topic, text }) => topic === `users/${user}/inbox` && JSON.parse(text).type === type)).text,
  )
const result = async (client: RawClient, user: string, op: string, input: Record<string, unknown> = {}) => {
  const reply = await client.ask(user, op, input)
  if (!reply.ok) throw new Error(reply.error?.code)
  return reply.result as unknown as Record<string, unknown>
}
const newLink = async (room: string, more: object = {}) =>
  (await town.must('POST', `/api/rooms/${room}/invites`, more, 'ana')).body as unknown as InviteLink

test('[INV1] invited over HTTP, told over MQTT, accepted over MQTT: and the room is heard at once', async () => {
  await town.must('PUT', '/api/rooms/design/invitations/bob', {}, 'ana')
  expect(await notice(bob, 'bob', 'invited')).toEqual({ type: 'invited', room: 'design', by: 'ana' })
  const { invitations } = await result(bob, 'bob', 'invitations')
  expect(invitations).toMatchObject([{ room: 'design', members: 1, by: { id: 'ana' } }])
  expect(await result(bob, 'bob', 'accept-invitation', { room: 'design' })).toMatchObject({ role: 'member' })
  await ana.publish('rooms/design/send', 'welcome', { qos: 1 })
  const said = await bob.message(({ topic, text }) => topic === 'rooms/design/messages' && text.includes('welcome'))
  expect(JSON.parse(said.text)).toMatchObject({ from: 'ana', text: 'welcome' })
  const log = await town.log('design', 'bob')
  expect(log).toContainEqual(expect.objectContaining({ type: 'joined', from: 'ana', user: 'bob', role: 'member' }))
})

test('[INV8] asked over MQTT, told over MQTT, let in over HTTP', async () => {
  expect((await bob.ask('bob', 'ask-to-join', { room: 'cellar' })).ok).toBe(false)
  await town.must('PATCH', '/api/rooms/cellar', { settings: { joinRequests: true } }, 'ana')
  await result(bob, 'bob', 'ask-to-join', { room: 'cellar', text: 'it is me' })
  expect(await notice(ana, 'ana', 'join-request')).toEqual({ type: 'join-request', room: 'cellar', user: 'bob' })
  const { body } = await town.must('GET', '/api/rooms/cellar/join-requests', undefined, 'ana')
  expect(body).toMatchObject({ requests: [{ user: { id: 'bob' }, text: 'it is me' }] })
  await town.must('PUT', '/api/rooms/cellar/join-requests/bob', undefined, 'ana')
  expect(await notice(bob, 'bob', 'added')).toEqual({ type: 'added', room: 'cellar', role: 'member', by: 'ana' })
  expect(await town.log('cellar', 'bob')).toContainEqual(expect.objectContaining({ type: 'joined', user: 'bob' }))
})

test('[INV6] a link shows its room to anybody, and says nothing of the room behind it to guessers', async () => {
  const link = await newLink('design', { uses: 1, expiresIn: 3600 })
  expect(link.url).toBe(`${town.product.url}/invite/${link.code}`)
  const shown = await town.request('GET', `/api/invites/${link.code}`)
  const room = { name: 'design', kind: 'private', members: 2 }
  const by = { id: 'ana', displayName: 'ana' }
  expect(shown).toEqual({ status: 200, body: { room, by, expiresAt: link.expiresAt, registers: true } })
  const wrong = await town.request('GET', '/api/invites/AAAAAAAAAAAAAAAAAAAAAA')
  expect(wrong).toMatchObject({ status: 400, body: { error: { code: 'invalid_link' } } })
  const stranger = await town.request('POST', `/api/invites/${link.code}/accept`, {})
  expect(stranger.status).toBe(401)
})

test('[INV5] ten people at once on one use: one is in, nine are told that it is over', async () => {
  const names = Array.from({ length: 10 }, (_, i) => `guest-${i}`)
  for (const name of names) await town.register(name)
  const { code } = await newLink('design', { uses: 1 })
  const tries = await Promise.all(names.map((name) => town.request('POST', `/api/invites/${code}/accept`, {}, name)))
  expect(tries.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(400)])
  const refused = tries.filter(({ status }) => status === 400)
  for (const { body } of refused) expect(body).toMatchObject({ error: { code: 'invalid_link' } })
})

test('[INV11] registering with the code of a link joins the room', async () => {
  const { code } = await newLink('design')
  const input = { username: 'dora', password: 'nine blue herons at dusk', invite: code }
  const { body } = await town.must('POST', '/api/register', input)
  expect(body).toMatchObject({ user: { id: 'dora' }, room: 'design' })
  const me = await town.request('GET', '/api/rooms/design', undefined, body.accessToken as string)
  expect(me.body).toMatchObject({ role: 'member' })
})

test('[INV7] who guesses is slowed down by address; who is signed in elsewhere is not', async () => {
  const statuses: number[] = []
  for (let i = 0; i < 25; i++) statuses.push((await town.request('GET', `/api/invites/guess-${i}`)).status)
  expect(statuses.slice(0, 15).every((status) => status === 400)).toBe(true)
  expect(statuses.at(-1)).toBe(429)
  const { code } = await newLink('design')
  expect(await result(bob, 'bob', 'describe-invite', { code })).toMatchObject({ room: { name: 'design' } })
})
