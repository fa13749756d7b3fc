import { expect, test } from 'vitest'
import { isUserId } from '../../../protocol/ids.ts'
import { displayNameFor, userNamesFor } from './oidc-user-name.ts'

const person = (fields: { username?: string; email?: string; displayName?: string }) => ({
  ...{ issuer: 'https://id.example', subject: '1' },
  ...fields,
})
const firstName = (fields: Parameters<typeof person>[0]) => userNamesFor(person(fields)).next().value

test.each([
  [{ username: 'zoe' }, 'zoe'],
  [{ username: 'Zoë Hart' }, 'zoe-hart'],
  [{ username: 'zoe@id.example' }, 'zoe'],
  [{ username: '***', email: 'z.hart+chat@id.example' }, 'z.hart-chat'],
  [{ email: 'z@id.example', displayName: 'Zoë' }, 'zoe'],
  [{ username: '.-_zoe_-.' }, 'zoe'],
  [{ username: 'ÆØ', displayName: '岡田' }, 'user'],
  [{ username: '__proto__' }, 'proto'],
  [{ username: 'x'.repeat(100) }, 'x'.repeat(32)],
  [{}, 'user'],
])('[OIDC3] of %j is made the name %s', (fields, name) => {
  expect(firstName(fields)).toBe(name)
})

test('[OIDC3] there are always more names, all of them valid and none twice at first', () => {
  for (const username of ['zoe', 'x'.repeat(32), `${'x'.repeat(25)}-y`]) {
    const names = [...userNamesFor(person({ username }))]
    expect(names.every(isUserId)).toBe(true)
    expect(new Set(names.slice(0, 9)).size).toBe(9)
    expect(names.length).toBeGreaterThan(20)
  }
})

test.each(['', ' ', 'two\nlines', 'x'.repeat(500), 'half a pair \ud800'])(
  '[OIDC3] %j is not shown as a name',
  (displayName) => {
    const [user] = [...userNamesFor(person({ username: 'zoe' }))]
    if (user === undefined) throw new Error('no name')
    expect(displayNameFor(person({ displayName }), user)).toBe('zoe')
    expect(displayNameFor(person({ displayName: 'Zoë Hart' }), user)).toBe('Zoë Hart')
  },
)
