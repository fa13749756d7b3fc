import { parser } from 'mqtt-packet'
import { describe, expect, test } from 'vitest'
import type { ArchivedEvent } from '../../domain/index.ts'
import { decodeCompact } from '../../protocol/compact.ts'
import type { RoomId } from '../../protocol/ids.ts'
import type { View } from '../../protocol/topics.ts'
import { encodeView } from './views.ts'

/** As the archive hands them over. */
const archived = (room: string, seq: number, draft: object) =>
  ({ room, seq, draft, json: JSON.stringify(draft) }) as unknown as ArchivedEvent

const at = 1_763_652_000_123
const payloads = (view: View, events: ArchivedEvent[]): Buffer[] => {
  const found: Buffer[] = []
  const reader = parser()
  reader.on('packet', (packet) => found.push((packet as { payload: Buffer }).payload))
  reader.parse(encodeView('ops' as RoomId, view, events).mqtt)
  return found
}

describe('the budget of a delivered message', () => {
  const text = 'exactly twenty chars'
  const message = { id: '01JD8QH5T3W4ZK6Y7V9X2B0M1N', type: 'message', from: 'alice', at, text }
  const bytes = (view: View) => encodeView('office' as RoomId, view, [archived('office', 999, message)]).mqtt.length

  test.each([
    ['messages', 160],
    ['compact', 80],
    ['text', 55],
  ] as const)('[VIEW1] %s: at most %i bytes with topic and header', (view, budget) => {
    expect(text).toHaveLength(20)
    expect(message.id).toHaveLength(26)
    expect(bytes(view)).toBeLessThanOrEqual(budget)
  })
})

describe('the views of one log', () => {
  const events = [
    archived('ops', 3, { id: 'c1', type: 'message', from: 'alice', at, text: 'hello', colour: 'red' }),
    archived('ops', 4, { type: 'reacted', from: 'bob', at, target: 3, emoji: '👍' }),
    archived('ops', 5, { type: 'edited', from: 'alice', at, target: 3, text: 'hello!' }),
  ]

  test('[EVT1] messages: JSON with the seq in front', () => {
    const seen = payloads('messages', events).map((payload) => payload.toString())
    expect(seen[0]).toBe(`{"seq":3,"id":"c1","type":"message","from":"alice","at":${at},"text":"hello","colour":"red"}`)
    expect(seen.map((json) => JSON.parse(json).seq)).toEqual([3, 4, 5])
  })

  test('[CBR1] [CBR3] compact: the same without the command id', () => {
    const seen = payloads('compact', events).map((payload) => decodeCompact(payload))
    expect(seen[0]).toEqual({ seq: 3, type: 'message', from: 'alice', at: at - 123, text: 'hello', colour: 'red' })
    expect(seen.map((event) => event?.seq)).toEqual([3, 4, 5])
  })

  test('[TXV1] text: a line for those that have one, and no packet for the rest', () => {
    expect(payloads('text', events).map(String)).toEqual(['alice: hello', 'alice: * hello!'])
    expect(encodeView('ops' as RoomId, 'text', events).seqs).toEqual([3, 5])
    expect(encodeView('ops' as RoomId, 'text', events.slice(1, 2)).count).toBe(0)
  })
})
