import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { FOREVER, FULL_SCOPE } from '../../../auth-plugin/index.ts'
import type { Role } from '../../../protocol/events.ts'
import type {
  Invitation,
  InviteDescription,
  InviteLink,
  JoinRequest,
  MyJoinRequest,
  PendingInvitation,
} from '../../../protocol/http/invites.ts'
import type { UserId } from '../../../protocol/ids.ts'
import { codeOf, type House, openHouse, room, sessionOf, user } from '../../test/open-house.ts'

const HOUR_MS = 3_600_000
const DAY = 86_400
let house: House
let rooms = 0
let people = 0
beforeAll(async () => {
  house = await openHouse()
  await house.addUsers('olga', 'adam', 'mia', 'sam')
})
afterAll(() => house.close())
beforeEach(() => house.hush())

async function makeRoom(
  kind: 'public' | 'private' = 'private',
  roles: Record<string, Role> = { adam: 'admin', mia: 'member' },
) {
  const id = `room-${++rooms}`
  await house.call('olga', 'create-room', { room: id, kind, name: 'Design' })
  for (const [name, role] of Object.entries(roles)) {
    await house.call('olga', 'put-member', { room: id, user: name, role })
  }
  house.hush()
  return id
}
/** Somebody who has nothing to do with any room yet. */
async function newcomer(): Promise<UserId> {
  const name = `sam-${++people}`
  await house.addUsers(name)
  return user(name)
}
const last = async (id: string) => (await house.store.archive.page({ room: room(id), limit: 1 })).messages[0]
const roleOf = async (id: string, name: string) => (await house.store.members.get(room(id), user(name)))?.role
const invitationsOf = async (name: string) =>
  (await house.call<{ invitations: Invitation[] }>(name, 'invitations')).invitations
const pending = async (id: string, as = 'olga') =>
  (await house.call<{ invitations: PendingInvitation[] }>(as, 'room-invitations', { room: id })).invitations
const makeLink = (id: string, more: object = {}, as = 'olga') =>
  house.call<InviteLink>(as, 'create-invite-link', { room: id, ...more })
const linksOf = async (id: string) =>
  (await house.call<{ invites: InviteLink[] }>('olga', 'invite-links', { room: id })).invites
const describeLink = (code: string | undefined, as = 'sam') =>
  house.call<InviteDescription>(as, 'describe-invite', { code })
const follow = (as: string, code: string | undefined) => house.call<{ id: string }>(as, 'accept-invite', { code })
const ban = (id: string, name: string, until = FOREVER) =>
  house.store.archive.appendWith(room(id), async (transaction) => {
    await transaction
      .insertInto('room_bans')
      .values({ room_id: room(id), user_id: user(name), until, reason: null, by_id: user('olga'), at: 1 })
      .execute()
    return []
  })
const audited = async (action: 'invite-made' | 'invite-revoked') =>
  (await house.store.audit.list({ limit: 1, action }))[0]

describe('people who are invited', () => {
  it('[INV1] who is invited is told, sees the room, and comes in by his own choice in the name of who invited him', async () => {
    const [id, sam] = [await makeRoom(), await newcomer()]
    await house.call('adam', 'invite', { room: id, user: sam })
    expect(house.told()).toEqual([['inbox', { user: sam, notice: { type: 'invited', room: id, by: 'adam' } }]])
    expect(await roleOf(id, sam)).toBeUndefined()
    const [shown] = await invitationsOf(sam)
    const by = { id: 'adam', displayName: 'Adam' }
    expect(shown).toMatchObject({ room: id, name: 'Design', kind: 'private', members: 3, role: 'member', by })
    expect(await pending(id)).toMatchObject([{ user: { id: sam }, role: 'member', by }])

    house.hush()
    expect(await house.call(sam, 'accept-invitation', { room: id })).toMatchObject({ id, role: 'member', members: 4 })
    expect(await last(id)).toMatchObject({ type: 'joined', from: 'adam', user: sam, role: 'member' })
    expect(house.told()).toContainEqual(['membership', { room: id, user: sam, role: 'member' }])
    expect(await invitationsOf(sam)).toEqual([])
    expect(await pending(id)).toEqual([])
    expect(await house.call(sam, 'accept-invitation', { room: id }), 'again').toMatchObject({ id, role: 'member' })
  })

  it('[INV1] twice is once; declined or taken back it is over, and his devices hear of it', async () => {
    const [id, sam] = [await makeRoom(), await newcomer()]
    await house.call('adam', 'invite', { room: id, user: sam })
    house.hush()
    await house.call('olga', 'invite', { room: id, user: sam })
    expect(house.told()).toEqual([])
    await house.call(sam, 'decline-invitation', { room: id })
    expect(house.told()).toEqual([['inbox', { user: sam, notice: { type: 'uninvited', room: id } }]])
    expect(await codeOf(house.call(sam, 'accept-invitation', { room: id }))).toBe('not_found')
    expect(await codeOf(house.call(sam, 'decline-invitation', { room: id }))).toBe('not_found')

    await house.call('adam', 'invite', { room: id, user: sam })
    await house.call('olga', 'uninvite', { room: id, user: sam })
    expect(await invitationsOf(sam)).toEqual([])
    expect(await codeOf(house.call(sam, 'accept-invitation', { room: id }))).toBe('not_found')
  })

  it('[INV1] by whom the setting `permissions.invite` lets, at most as a member', async () => {
    const [id, sam] = [await makeRoom(), await newcomer()]
    for (const operation of ['invite', 'uninvite'] as const) {
      expect(await codeOf(house.call('mia', operation, { room: id, user: sam }))).toBe('forbidden')
      expect(await codeOf(house.call('sam', operation, { room: id, user: sam }))).toBe('not_member')
    }
    expect(await codeOf(pending(id, 'mia'))).toBe('forbidden')
    expect(await codeOf(house.call('olga', 'invite', { room: id, user: sam, role: 'admin' }))).toBe('invalid_request')
    await house.call('olga', 'update-room', { room: id, settings: { permissions: { invite: 'member' } } })
    await house.call('mia', 'invite', { room: id, user: sam, role: 'reader' })
    await house.call(sam, 'accept-invitation', { room: id })
    expect(await roleOf(id, sam)).toBe('reader')
  })

  it('[INV1] members, strangers to the server, the banned and who blocked the asker are not invited', async () => {
    const [id, sam] = [await makeRoom(), await newcomer()]
    const invite = (name: string) => codeOf(house.call('olga', 'invite', { room: id, user: name }))
    expect(await invite('mia')).toBe('conflict')
    expect(await invite('olga')).toBe('conflict')
    expect(await invite('nobody')).toBe('user_not_found')
    await ban(id, sam)
    expect(await invite(sam)).toBe('banned')
    const other = await newcomer()
    await house.store.people.block(other, user('olga'), 1)
    expect(await invite(other)).toBe('forbidden')
  })

  it('[INV1] a ban that comes after the invitation holds', async () => {
    const [id, sam] = [await makeRoom(), await newcomer()]
    await house.call('olga', 'invite', { room: id, user: sam })
    await ban(id, sam)
    expect(await invitationsOf(sam)).toEqual([])
    expect(await codeOf(house.call(sam, 'accept-invitation', { room: id }))).toBe('banned')
  })

  it('[INV1] an invitation to no room and to a room where one is not invited look the same', async () => {
    const id = await makeRoom()
    expect(await codeOf(house.call('sam', 'accept-invitation', { room: id }))).toBe('not_found')
    expect(await codeOf(house.call('sam', 'accept-invitation', { room: 'no-such-room' }))).toBe('not_found')
  })

  it('[INV1] an app token sees and accepts what its rooms are', async () => {
    const [id, sam] = [await makeRoom(), await newcomer()]
    await house.call('olga', 'invite', { room: id, user: sam })
    const elsewhere = sessionOf(sam, { ...FULL_SCOPE, rooms: new Set([room('elsewhere')]) })
    expect(await house.call(elsewhere, 'invitations')).toEqual({ invitations: [] })
    expect(await codeOf(house.call(elsewhere, 'accept-invitation', { room: id }))).toBe('out_of_scope')
    expect(await codeOf(house.call(elsewhere, 'decline-invitation', { room: id }))).toBe('out_of_scope')
  })

  it('[INV2] [SYN1] a sync says how many invitations wait', async () => {
    const [id, sam] = [await makeRoom(), await newcomer()]
    await house.call('olga', 'invite', { room: id, user: sam })
    expect(await house.call(sam, 'sync')).toMatchObject({ invitations: 1, rooms: [] })
    await house.call('olga', 'put-member', { room: id, user: sam })
    expect(await house.call(sam, 'sync')).toMatchObject({ invitations: 0, rooms: [{ id }] })
  })
})

describe('links', () => {
  it('[INV3] a link is a code that shows the room and lets in, in the name of who made it', async () => {
    const [id, sam] = [await makeRoom(), await newcomer()]
    const link = await makeLink(id, { role: 'reader' }, 'adam')
    expect(link.code).toMatch(/^[\w-]{22}$/)
    expect(link).toMatchObject({ role: 'reader', used: 0, uses: null, expiresAt: null, by: { id: 'adam' } })
    expect(link.url).toMatch(new RegExp(`^https?://[^/]+/invite/${link.code}$`))
    const by = { id: 'adam', displayName: 'Adam' }
    const shown = { room: { name: 'Design', kind: 'private', members: 3 }, by, expiresAt: null, registers: true }
    expect(await describeLink(link.code)).toEqual(shown)
    expect(await follow(sam, link.code)).toMatchObject({ id, role: 'reader' })
    expect(await last(id)).toMatchObject({ type: 'joined', from: 'adam', user: sam, role: 'reader' })
    expect((await linksOf(id))[0]).toMatchObject({ id: link.id, code: link.code, used: 1 })
    expect(await describeLink(link.code, sam)).toMatchObject({ room: { id } })
  })

  it('[INV3] the database holds no code', async () => {
    const link = await makeLink(await makeRoom())
    await house.store.archive.appendWith(room('room-1'), async (transaction) => {
      const rows = await transaction.selectFrom('invites').selectAll().execute()
      expect(JSON.stringify(rows)).toContain(link.id)
      expect(JSON.stringify(rows)).not.toContain(link.code)
      return []
    })
  })

  it('[INV3] [AUD1] making and revoking is audited, without the code', async () => {
    const id = await makeRoom()
    const link = await makeLink(id, { uses: 3, expiresIn: DAY }, 'adam')
    const made = await audited('invite-made')
    expect(made).toMatchObject({ actor: 'adam', room: id, details: { link: link.id, role: 'member', uses: 3 } })
    expect(JSON.stringify(made)).not.toContain(link.code)
    await house.call('olga', 'revoke-invite-link', { room: id, invite: link.id })
    expect(await audited('invite-revoked')).toMatchObject({ actor: 'olga', room: id, details: { link: link.id } })
  })

  it('[INV4] revoked, expired or used up it is no link any more; who is in already still finds the room', async () => {
    const id = await makeRoom()
    const [revoked, expiring, single] = [
      await makeLink(id),
      await makeLink(id, { expiresIn: 3600 }),
      await makeLink(id, { uses: 1 }),
    ]
    const [sam, tom] = [await newcomer(), await newcomer()]
    await house.call('adam', 'revoke-invite-link', { room: id, invite: revoked.id })
    await follow(sam, single.code)
    house.advance(HOUR_MS)
    for (const { code } of [revoked, expiring, single]) {
      expect(await codeOf(describeLink(code, tom))).toBe('invalid_link')
      expect(await codeOf(follow(tom, code))).toBe('invalid_link')
    }
    expect(await linksOf(id)).toEqual([])
    expect(await follow(sam, single.code)).toMatchObject({ id })
    expect(await describeLink(single.code, sam)).toMatchObject({ room: { id } })
    expect(await codeOf(house.call('olga', 'revoke-invite-link', { room: id, invite: revoked.id }))).toBe('not_found')
  })

  it('[INV4] a link works as long as who made it may invite', async () => {
    const [id, sam] = [await makeRoom(), await newcomer()]
    const link = await makeLink(id, {}, 'adam')
    await house.call('olga', 'put-member', { room: id, user: 'adam', role: 'member' })
    expect(await codeOf(follow(sam, link.code))).toBe('invalid_link')
    await house.call('olga', 'put-member', { room: id, user: 'adam', role: 'admin' })
    expect(await follow(sam, link.code)).toMatchObject({ id })
    await house.call('olga', 'remove-member', { room: id, user: 'adam' })
    expect(await codeOf(describeLink(link.code))).toBe('invalid_link')
  })

  it('[INV4] who is banned does not come back by a link', async () => {
    const [id, sam] = [await makeRoom(), await newcomer()]
    const link = await makeLink(id)
    await ban(id, sam)
    expect(await codeOf(follow(sam, link.code))).toBe('banned')
    expect((await linksOf(id))[0]).toMatchObject({ used: 0 })
  })

  it('[INV4] a link to a room that was deleted leads nowhere', async () => {
    const id = await makeRoom()
    const link = await makeLink(id)
    await house.call('olga', 'delete-room', { room: id })
    expect(await codeOf(describeLink(link.code))).toBe('invalid_link')
    expect(await codeOf(follow('sam', link.code))).toBe('invalid_link')
  })

  it('[INV5] ten at once on one use: one is in', async () => {
    const id = await makeRoom()
    const link = await makeLink(id, { uses: 1 })
    const names = await Promise.all(Array.from({ length: 10 }, newcomer))
    const tries = await Promise.allSettled(names.map((name) => follow(name, link.code)))
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await house.store.rooms.get(room(id))).toMatchObject({ members: 4 })
  })

  it('[INV5] the same person twice at once is one use', async () => {
    const [id, sam] = [await makeRoom(), await newcomer()]
    const link = await makeLink(id, { uses: 2 })
    await Promise.all([follow(sam, link.code), follow(sam, link.code), follow(sam, link.code)])
    expect((await linksOf(id))[0]).toMatchObject({ used: 1 })
  })

  it('[INV3] made, listed and revoked by those alone who may invite, and to no higher role than member', async () => {
    const id = await makeRoom()
    const link = await makeLink(id)
    for (const as of ['mia', 'sam']) {
      const code = as === 'mia' ? 'forbidden' : 'not_member'
      expect(await codeOf(makeLink(id, {}, as))).toBe(code)
      expect(await codeOf(house.call(as, 'invite-links', { room: id }))).toBe(code)
      expect(await codeOf(house.call(as, 'revoke-invite-link', { room: id, invite: link.id }))).toBe(code)
    }
    for (const wrong of [{ role: 'admin' }, { expiresIn: 60 }, { expiresIn: 31 * DAY }, { uses: 0 }]) {
      expect(await codeOf(makeLink(id, wrong))).toBe('invalid_request')
    }
    const other = await makeRoom()
    expect(await codeOf(house.call('olga', 'revoke-invite-link', { room: other, invite: link.id }))).toBe('not_found')
  })

  it('[INV7] who guesses codes waits; others do not', async () => {
    const link = await makeLink(await makeRoom())
    const guesser = await newcomer()
    const codes: string[] = []
    for (let i = 0; i < 21; i++) codes.push(await codeOf(describeLink(`guess-${i}`, guesser)))
    expect(codes.slice(0, 20)).toEqual(Array(20).fill('invalid_link'))
    expect(codes[20]).toBe('rate_limited')
    expect(await codeOf(follow(guesser, link.code)), 'a right one would tell that it is right').toBe('rate_limited')
    expect(await describeLink(link.code)).toMatchObject({ room: { name: 'Design' } })
  })
})

describe('asking to be let in', () => {
  const askingRoom = async (roles?: Record<string, Role>) => {
    const id = await makeRoom('private', roles)
    await house.call('olga', 'update-room', { room: id, settings: { joinRequests: true } })
    house.hush()
    return id
  }
  const ask = (as: string, id: string, text = '') => house.call(as, 'ask-to-join', { room: id, text })
  const requests = async (id: string, as = 'olga') =>
    (await house.call<{ requests: JoinRequest[] }>(as, 'join-requests', { room: id })).requests
  const mine = async (as: string) => (await house.call<{ requests: MyJoinRequest[] }>(as, 'my-join-requests')).requests

  it('[INV8] those who decide are told once and see the words; who is let in is told', async () => {
    const [id, sam] = [await askingRoom(), await newcomer()]
    await ask(sam, id, ' It is me ')
    await ask(sam, id, 'It is me, Sam')
    const notice = { type: 'join-request', room: id, user: sam }
    expect(house.told()).toEqual([
      ['inbox', { user: 'olga', notice }],
      ['inbox', { user: 'adam', notice }],
    ])
    expect(await requests(id)).toMatchObject([{ user: { id: sam }, text: 'It is me, Sam' }])
    expect(await mine(sam)).toMatchObject([{ room: id, text: 'It is me, Sam' }])
    house.hush()
    await house.call('adam', 'accept-join-request', { room: id, user: sam })
    expect(await last(id)).toMatchObject({ type: 'joined', from: 'adam', user: sam, role: 'member' })
    const added = { type: 'added', room: id, role: 'member', by: 'adam' }
    expect(house.told()).toContainEqual(['inbox', { user: sam, notice: added }])
    expect([await requests(id), await mine(sam)]).toEqual([[], []])
    await house.call('olga', 'accept-join-request', { room: id, user: sam })
    expect(await house.store.rooms.get(room(id)), 'two who accept at once let him in once').toMatchObject({
      members: 4,
    })
  })

  it('[INV8] declined or taken back it is over; nobody is let in who does not ask', async () => {
    const [id, sam] = [await askingRoom(), await newcomer()]
    await ask(sam, id)
    await house.call('olga', 'decline-join-request', { room: id, user: sam })
    expect(await mine(sam)).toEqual([])
    expect(await codeOf(house.call('olga', 'accept-join-request', { room: id, user: sam }))).toBe('not_found')
    await ask(sam, id)
    await house.call(sam, 'withdraw-join-request', { room: id })
    expect(await requests(id)).toEqual([])
    expect(await codeOf(house.call(sam, 'withdraw-join-request', { room: id }))).toBe('not_found')
  })

  it('[INV8] only those decide who may invite', async () => {
    const [id, sam] = [await askingRoom(), await newcomer()]
    await ask(sam, id)
    expect(await codeOf(requests(id, 'mia'))).toBe('forbidden')
    for (const operation of ['accept-join-request', 'decline-join-request']) {
      expect(await codeOf(house.call('mia', operation, { room: id, user: sam }))).toBe('forbidden')
      expect(await codeOf(house.call(sam, operation, { room: id, user: sam }))).toBe('not_member')
    }
  })

  it('[INV9] a private room that takes no requests, and one that does not exist, look the same', async () => {
    const id = await makeRoom()
    expect(await codeOf(ask('sam', id))).toBe('not_member')
    expect(await codeOf(ask('sam', 'no-such-room'))).toBe('not_member')
  })

  it('[INV8] members, the banned and those who are invited do not ask', async () => {
    const [id, sam, tom] = [await askingRoom(), await newcomer(), await newcomer()]
    expect(await codeOf(ask('mia', id))).toBe('forbidden')
    await house.call('olga', 'invite', { room: id, user: tom })
    expect(await codeOf(ask(tom, id))).toBe('conflict')
    await ask(sam, id)
    await ban(id, sam)
    expect(await requests(id)).toEqual([])
    expect(await codeOf(house.call('olga', 'accept-join-request', { room: id, user: sam }))).toBe('banned')
    expect(await codeOf(ask(sam, id, 'again'))).toBe('banned')
  })

  it('[INV12] one person has at most 20 requests', async () => {
    const sam = await newcomer()
    for (let i = 0; i < 20; i++) await ask(sam, await askingRoom({}))
    expect(await codeOf(ask(sam, await askingRoom({})))).toBe('conflict')
  })

  it('[INV8] [SYN1] a sync tells those who decide how many wait', async () => {
    const [id, sam] = [await askingRoom(), await newcomer()]
    await ask(sam, id)
    const room = async (as: string) =>
      (await house.call<{ rooms: { id: string; joinRequests?: number }[] }>(as, 'sync')).rooms.find(
        (one) => one.id === id,
      )
    expect(await room('adam')).toMatchObject({ joinRequests: 1 })
    expect(await room('mia')).not.toHaveProperty('joinRequests')
  })
})
