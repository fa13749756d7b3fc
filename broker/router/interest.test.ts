import { describe, expect, test } from 'vitest'
import type { RoomId } from '../../protocol/ids.ts'
import { parseFilter } from '../../protocol/topics.ts'
import { concerns, type Grant, interestIn, type Qos } from './interest.ts'

const ops = 'ops' as RoomId
const grant = (filter: string, qos: Qos = 0): Grant => ({ filter: parseFilter(filter) as Grant['filter'], qos })
const interest = (mine: boolean, ...grants: Grant[]) => interestIn(ops, mine, grants)

describe('what a connection wants of a room', () => {
  test('[TOP8] overlapping filters are one interest, at the highest QoS', () => {
    const found = interest(true, grant('rooms/ops/messages'), grant('rooms/+/messages', 1), grant('rooms/ops/#'))
    expect(found?.views).toEqual(
      new Map([
        ['messages', 1],
        ['compact', 0],
        ['text', 0],
      ]),
    )
    expect(found?.state).toBe(true)
    expect([...(found?.members.keys() ?? [])].sort()).toEqual(['presence', 'receipts', 'typing'])
  })

  test('[TOP4] [TOP9] filters over my rooms mean those that I have joined', () => {
    for (const filter of ['rooms/+/messages', 'rooms/+/#', 'rooms/+/presence/+']) {
      expect(interest(false, grant(filter))).toBeUndefined()
      expect(interest(true, grant(filter))).toBeDefined()
      expect(concerns(grant(filter).filter, ops, false)).toBe(false)
    }
    expect(interest(false, grant('rooms/ops/messages'))?.views).toEqual(new Map([['messages', 0]]))
  })

  test('[TOP5] other rooms and the topics of users are no interest in this one', () => {
    const others = ['rooms/dev/messages', 'rooms/dev/#', 'users/alice/#', 'users/alice/inbox']
    expect(interest(true, ...others.map((filter) => grant(filter)))).toBeUndefined()
  })

  test('[PRE1] members are wanted one by one or all', () => {
    const found = interest(
      true,
      grant('rooms/ops/presence/alice'),
      grant('rooms/ops/presence/bob'),
      grant('rooms/ops/typing/+'),
    )
    expect(found?.members.get('presence')).toEqual(new Set(['alice', 'bob']))
    expect(found?.members.get('typing')).toEqual(new Set(['+']))
    expect(found?.views.size).toBe(0)
    expect(found?.state).toBe(false)
  })
})
