import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import type { Session } from '../../auth-plugin/index.ts'
import { isUserId } from '../../protocol/ids.ts'
import type { Operation } from './operation.ts'
import { createOperationTable, defineOperation } from './table.ts'

const user = 'alice'
if (!isUserId(user)) throw new Error(user)
const session = (kind: 'session' | 'app-token', access: 'read' | 'write' = 'write'): Session => ({
  user,
  credential: { kind, id: '1' },
  expiresAt: null,
  scope: { rooms: null, access },
})

const double = (access: Operation['access']) =>
  defineOperation({
    name: access,
    summary: 'Doubles a number.',
    input: z.object({ number: z.coerce.number(), deep: z.optional(z.object({ list: z.array(z.string()) })) }),
    access,
    http: { method: 'GET', path: '/' },
    mqtt: true,
    handle: async ({ number }) => number * 2,
  })
const operations = (['nobody', 'session', 'write', 'read'] as const).map(double)
const table = createOperationTable(operations)
const run = (access: string, input: unknown, as?: Session) => {
  const operation = table.get(access)
  if (operation === undefined) throw new Error(access)
  return table.run(operation, input, { session: as })
}

describe('[OPS1] the table of operations', () => {
  it.each([
    ['nobody', undefined, 42],
    ['session', undefined, 'unauthorized'],
    ['read', undefined, 'unauthorized'],
    ['session', session('session'), 42],
    ['session', session('app-token'), 'out_of_scope'],
    ['write', session('app-token'), 42],
    ['write', session('app-token', 'read'), 'out_of_scope'],
    ['read', session('app-token', 'read'), 42],
  ] as const)('[OPS1] access %s as %j: %s', async (access, as, expected) => {
    const answer = run(access, { number: '21' }, as)
    if (typeof expected === 'number') expect(await answer).toBe(expected)
    else await expect(answer).rejects.toMatchObject({ code: expected })
  })

  it('[OPS1] says what is wrong with an input, and where', async () => {
    await expect(run('nobody', { number: 1, deep: { list: ['a', 1] } })).rejects.toMatchObject({
      code: 'invalid_request',
      details: [{ path: 'deep.list.1', message: expect.any(String) }],
    })
    for (const input of [undefined, null, 'text', [], 7]) {
      await expect(run('nobody', input)).rejects.toMatchObject({ code: 'invalid_request' })
    }
  })

  it('[OPS1] a name stands for one operation', () => {
    expect(() => createOperationTable([double('read'), double('read')])).toThrow()
    expect(table.all()).toBe(operations)
    expect(table.get('__proto__')).toBeUndefined()
  })
})
