import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { InviteDescription, InviteLink, ServerInvite } from '../../../protocol/http/invites.ts'
import type { UserId } from '../../../protocol/ids.ts'
import { makeServerInvite } from '../../index.ts'
import { codeOf, type House, openHouse, room, user } from '../../test/open-house.ts'

const PASSWORD = 'a quiet green boat'
const houses: Record<'open' | 'invite' | 'closed', House> = {} as never
let house: House
let count = 0

beforeAll(async () => {
  for (const registration of ['open', 'invite', 'closed'] as const) {
    const one = await openHouse({ registration })
    await one.addUsers('olga', 'mona', 'adam')
    await one.store.administration.roles.set(user('olga'), 'owner', 1)
    await one.store.administration.roles.set(user('mona'), 'moderator', 1)
    houses[registration] = one
  }
  house = houses.invite
})
afterAll(async () => {
  for (const one of Object.values(houses)) await one.close()
})

async function register(where: House, invite?: string, username = `new-${++count}`) {
  const operation = where.domain.operations.get('register')
  if (operation === undefined) throw new Error('no register')
  const input = { username, password: PASSWORD, ...(invite !== undefined && { invite }) }
  return (await where.domain.operations.run(operation, input, {})) as { user: { id: UserId }; room?: string }
}
const makeInvite = (where: House, more: object = {}, as = 'olga') =>
  where.call<ServerInvite>(as, 'create-server-invite', more)
const listed = async (where: House) => (await where.call<{ invites: ServerInvite[] }>('olga', 'server-invites')).invites
async function makeLink(where: House, as: string, more: object = {}) {
  const id = `room-${++count}`
  await where.call(as, 'create-room', { room: id, kind: 'private' })
  return { ...(await where.call<InviteLink>(as, 'create-invite-link', { room: id, ...more })), room: id }
}

describe('invitations to the server', () => {
  it('[INV10] owners and moderators make, list and revoke them; each is audited', async () => {
    for (const as of ['olga', 'mona']) {
      const invite = await makeInvite(house, { note: 'for the choir', uses: 2, expiresIn: 86_400 }, as)
      expect(invite).toMatchObject({ note: 'for the choir', used: 0, uses: 2, by: { id: as } })
      expect(await listed(house)).toContainEqual(invite)
      const [made] = await house.store.audit.list({ limit: 1, action: 'invite-made' })
      expect(made).toMatchObject({ actor: as, details: { link: invite.id, uses: 2 } })
      expect(made).not.toHaveProperty('room')
      await house.call(as, 'revoke-server-invite', { invite: invite.id })
      const [revoked] = await house.store.audit.list({ limit: 1, action: 'invite-revoked' })
      expect(revoked).toMatchObject({ actor: as, details: { link: invite.id } })
      expect(await codeOf(register(house, invite.code))).toBe('invalid_link')
    }
  })

  it('[INV10] nobody else does', async () => {
    expect(await codeOf(makeInvite(house, {}, 'adam'))).toBe('forbidden')
    expect(await codeOf(house.call('adam', 'server-invites'))).toBe('forbidden')
    expect(await codeOf(house.call('adam', 'revoke-server-invite', { invite: 'any' }))).toBe('forbidden')
  })

  it('[INV10] one of the command line has no maker, and works', async () => {
    const { store, auth, clock } = house
    const deps = { store, codes: auth.inviteCodes, now: clock.now }
    const { link, code } = await makeServerInvite(deps, { note: 'the first', uses: 1 })
    const found = (await listed(house)).find(({ id }) => id === link.id)
    expect(found).toMatchObject({ code, note: 'the first', uses: 1 })
    expect(found).not.toHaveProperty('by')
    const [made] = await store.audit.list({ limit: 1, action: 'invite-made' })
    expect(made).not.toHaveProperty('actor')
    expect((await register(house, code)).user.id).toMatch(/^new-/)
  })
})

describe('registration', () => {
  it('[INV11] where an invitation is needed, one of the server makes an account and is counted', async () => {
    const { code } = await makeInvite(house, { uses: 1 })
    expect(await house.call<InviteDescription>('adam', 'describe-invite', { code })).toEqual({
      by: { id: 'olga', displayName: 'Olga' },
      expiresAt: null,
      registers: true,
    })
    expect(await codeOf(register(house))).toBe('registration_closed')
    expect(await codeOf(register(house, 'not-a-code'))).toBe('invalid_link')
    expect(await codeOf(register(house, code, 'adam')), 'costs no use').toBe('username_taken')
    const answer = await register(house, code)
    expect(answer).not.toHaveProperty('room')
    expect(await codeOf(register(house, code))).toBe('invalid_link')
  })

  it('[INV11] ten at once on one use: one account', async () => {
    const { code } = await makeInvite(house, { uses: 1 })
    const tries = await Promise.allSettled(Array.from({ length: 10 }, () => register(house, code)))
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('[INV11] who loses the race for a user name gives the use back', async () => {
    const { code } = await makeInvite(house, { uses: 2 })
    const name = `twin-${++count}`
    const tries = await Promise.allSettled([register(house, code, name), register(house, code, name)])
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect((await register(house, code)).user.id).toMatch(/^new-/)
  })

  it('[INV11] the link of a room lets in whom its maker may invite to the server, and into the room at once', async () => {
    const link = await makeLink(house, 'mona', { uses: 1 })
    const answer = await register(house, link.code)
    expect(answer).toMatchObject({ room: link.room })
    const member = await house.store.members.get(room(link.room), answer.user.id)
    expect(member).toMatchObject({ role: 'member' })
    const { messages } = await house.store.archive.page({ room: room(link.room), limit: 1 })
    expect(messages[0]).toMatchObject({ type: 'joined', from: 'mona', user: answer.user.id })
    expect(await codeOf(register(house, link.code)), 'one use is one account in the room').toBe('invalid_link')

    const others = await makeLink(house, 'adam')
    expect(await codeOf(register(house, others.code))).toBe('registration_closed')
    expect(await house.call('mona', 'describe-invite', { code: others.code })).toMatchObject({ registers: false })
  })

  it('[INV11] an invitation of somebody who is no moderator any more does not work', async () => {
    await house.addUsers('max')
    await house.store.administration.roles.set(user('max'), 'moderator', 1)
    const { code } = await makeInvite(house, {}, 'max')
    await house.store.administration.roles.set(user('max'), null, 2)
    expect(await codeOf(register(house, code))).toBe('invalid_link')
  })

  it('[INV11] where anybody registers, a link of anybody leads into its room', async () => {
    const link = await makeLink(houses.open, 'adam')
    expect(await register(houses.open, link.code)).toMatchObject({ room: link.room })
    expect(await register(houses.open)).not.toHaveProperty('room')
    expect(await codeOf(register(houses.open, 'not-a-code'))).toBe('invalid_link')
  })

  it('[INV11] closed is closed', async () => {
    const { code } = await makeInvite(houses.closed)
    expect(await codeOf(register(houses.closed, code))).toBe('registration_closed')
    expect(await houses.closed.call('olga', 'describe-invite', { code })).toMatchObject({ registers: false })
  })
})
