import { describe, expect, test } from 'vitest'
import type { ServerRole } from '../protocol/server-role.ts'
import { mayAdminister, type ServerAction } from './server-policy.ts'

/**
 * Written down by hand from the contract: who may, as letters (o owner, m moderator). For actions on people, to whom:
 * somebody with the role of the column (none, moderator, owner), or oneself.
 */
const WITHOUT_A_TARGET: Partial<Record<ServerAction, string>> = {
  'see-status': 'om',
  'list-users': 'om',
  'list-rooms': 'om',
  'see-reports': 'om',
  'close-reports': 'om',
  'remove-reported-message': 'om',
  'make-invites': 'om',
  'see-audit': 'o',
  'create-user': 'o',
  'change-role': 'o',
}
const ON_PEOPLE: Partial<Record<ServerAction, { none: string; moderator: string; owner: string; self: string }>> = {
  suspend: { none: 'om', moderator: 'o', owner: 'o', self: '' },
  restore: { none: 'om', moderator: 'o', owner: 'o', self: 'om' },
  'end-sessions': { none: 'om', moderator: 'o', owner: 'o', self: 'om' },
  'remove-second-factor': { none: 'o', moderator: 'o', owner: 'o', self: 'o' },
}
const roles: (ServerRole | undefined)[] = ['owner', 'moderator', undefined]
const allowed = (letters: string, role: ServerRole | undefined) =>
  role !== undefined && letters.includes(role.charAt(0))

describe.each(roles)('[ADM1] %s', (role) => {
  test.each(Object.entries(WITHOUT_A_TARGET))('%s', (action, letters) => {
    expect(mayAdminister(role, action as ServerAction).ok).toBe(allowed(letters, role))
  })

  test.each(Object.entries(ON_PEOPLE))('%s', (action, letters) => {
    const may = (about: { target?: ServerRole; self?: boolean }) =>
      mayAdminister(role, action as ServerAction, about).ok
    expect({
      none: may({}),
      moderator: may({ target: 'moderator' }),
      owner: may({ target: 'owner' }),
      self: may({ self: true, ...(role && { target: role }) }),
    }).toEqual({
      none: allowed(letters.none, role),
      moderator: allowed(letters.moderator, role),
      owner: allowed(letters.owner, role),
      self: allowed(letters.self, role),
    })
  })
})

test('[ADM1] every action is in the tables above', () => {
  const all: Record<ServerAction, true> = {
    'see-status': true,
    'list-users': true,
    'list-rooms': true,
    'see-reports': true,
    'close-reports': true,
    'remove-reported-message': true,
    'make-invites': true,
    suspend: true,
    restore: true,
    'end-sessions': true,
    'remove-second-factor': true,
    'see-audit': true,
    'create-user': true,
    'change-role': true,
  }
  expect([...Object.keys(WITHOUT_A_TARGET), ...Object.keys(ON_PEOPLE)].sort()).toEqual(Object.keys(all).sort())
})

test('[ADM1] who has no role is told no more than that he may not', () => {
  expect(mayAdminister(undefined, 'suspend', { self: true })).toEqual({ ok: false, no: { code: 'forbidden' } })
})
