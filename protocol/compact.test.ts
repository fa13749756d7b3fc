import { encode } from 'cborg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { COMPACT_KEYS, decodeCompact, decodeCompactCommand, EVENT_CODES, encodeCompact } from './compact.ts'
import type { ChatEvent } from './events.ts'

const seq = fc.integer({ min: 1, max: 2 ** 31 - 1 })
const user = fc.stringMatching(/^[a-z0-9][a-z0-9_.-]{1,31}$/)
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 })
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })

/** Events as they stand in the log: of every type, with fields that no rule names beside the known ones. */
const event = fc
  .record(
    {
      seq,
      type: fc.constantFrom(...Object.keys(EVENT_CODES)),
      from: user,
      at: fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => seconds * 1000),
      id: fc.stringMatching(/^[\x21-\x7e]{1,26}$/),
      text,
      replyTo: seq,
      thread: seq,
      target: seq,
      emoji: fc.constantFrom('👍', '🏳️‍🌈', 'x'),
      data: fc.jsonValue(),
      files: fc.array(fc.string()),
      user,
      role: fc.constantFrom('owner', 'admin', 'member', 'reader'),
      mentions: fc.array(user),
      ttl: seq,
      changes: fc.record({ name: fc.string(), settings: fc.record({ history: fc.constant('all') }) }),
    },
    { requiredKeys: ['seq', 'type', 'from', 'at'] },
  )
  .chain((known) => optional(fc.dictionary(fc.string(), fc.jsonValue())).map((unknown) => ({ ...unknown, ...known })))
  .map((value) => JSON.parse(JSON.stringify(value)) as ChatEvent)

const without = (one: ChatEvent): unknown => {
  const { id: _id, ...rest } = one
  return JSON.parse(JSON.stringify(rest))
}

describe('compact events', () => {
  test('[CBR1] decode to what was encoded, less the command id', () => {
    fc.assert(
      fc.property(event, (one) => {
        const decoded = decodeCompact(encodeCompact(one))
        expect(JSON.parse(JSON.stringify(decoded))).toEqual(without(one))
      }),
      { numRuns: 1_000 },
    )
  })

  test.each(['constructor', 'toString', 'hasOwnProperty', '__proto__', 'valueOf', '5', ''])(
    '[CMD6] a field called %j is passed on like any other',
    (name) => {
      const one = JSON.parse(`{"seq":1,"type":"message","from":"alice","at":1000,"text":"x",${JSON.stringify(name)}:7}`)
      const decoded = decodeCompact(encodeCompact(one)) as unknown as Record<string, unknown>
      expect(Object.getOwnPropertyDescriptor(decoded, name)?.value).toBe(7)
    },
  )

  test('[CBR1] the time is in whole seconds and numbers are keys', () => {
    const bytes = encodeCompact({
      seq: 7,
      type: 'message',
      from: 'alice',
      at: 1_763_652_000_123,
      text: 'hi',
    } as ChatEvent)
    const { seq, type, from, at, text } = COMPACT_KEYS
    const map = new Map<number, unknown>([
      ...([
        [seq, 7],
        [type, 0],
        [from, 'alice'],
        [at, 1_763_652_000],
        [text, 'hi'],
      ] as [number, unknown][]),
    ])
    expect(Buffer.from(bytes)).toEqual(Buffer.from(encode(map)))
  })

  test('[CBR2] numbers of types and keys do not change', () => {
    expect(Object.values(EVENT_CODES)).toEqual(Array.from({ length: 17 }, (_, code) => code))
    expect(Object.values(COMPACT_KEYS)).toEqual(Array.from({ length: 17 }, (_, key) => key))
  })
})

describe('compact commands', () => {
  const command = (...entries: [unknown, unknown][]) => decodeCompactCommand(encode(new Map(entries)))

  test('[CBR2] [CBR4] read as the JSON spelling', () => {
    expect(command([5, 'hi'])).toEqual({ type: 'message', text: 'hi' })
    expect(command([0, 'c1'], [2, 7], [8, 41], [5, 'hi'])).toEqual({ type: 'edit', id: 'c1', seq: 41, text: 'hi' })
    expect(command([2, 9], [8, 41], [9, '👍'])).toEqual({ type: 'react', seq: 41, emoji: '👍' })
    expect(command([5, 'hi'], ['x', { a: [1] }])).toEqual({ type: 'message', text: 'hi', x: { a: [1] } })
  })

  test('[P5] what is the server’s own is not read', () => {
    expect(command([1, 99], [3, 'mallory'], [4, 1], [5, 'hi'])).toEqual({ type: 'message', text: 'hi' })
    expect(command([5, 'hi'], ['from', 'mallory'], ['text', 'other'], ['seq', 9])).toEqual({
      type: 'message',
      text: 'hi',
    })
  })

  test('[CMD6] a field with the name of something that every object has is kept', () => {
    expect(command([5, 'hi'], ['constructor', 1])).toHaveProperty('constructor', 1)
    expect(command([5, 'hi'], ['toString', 1])).toHaveProperty('toString', 1)
  })

  test('[CMD1] any bytes are a command, or not; they never throw', () => {
    const cborish = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.anything({ withMap: true, withBigInt: true, withNullPrototype: false }).map(encodeOrNothing),
    )
    fc.assert(
      fc.property(cborish, (bytes) => {
        decodeCompact(bytes)
        decodeCompactCommand(bytes)
      }),
      { numRuns: 3_000 },
    )
  })

  test.each([
    ['arrays', 0x81],
    ['maps', 0xa1],
  ])('[CMD1] %s nested as deep as a packet allows do not throw', (_what, byte) => {
    for (const depth of [100, 1_000, 3_000, 5_000, 8_000, 12_000, 20_000, 60_000]) {
      const nested = byte === 0x81 ? Array(depth).fill(0x81) : Array(depth).fill([0xa1, 0x01]).flat()
      const bytes = Uint8Array.from([0xa1, 0x0a, ...nested, 0x01])
      decodeCompact(bytes)
      decodeCompactCommand(bytes)
    }
  })
})

function encodeOrNothing(value: unknown): Uint8Array {
  try {
    return encode(new Map<unknown, unknown>([[10, value]]))
  } catch {
    return new Uint8Array() // not every value has a form in CBOR
  }
}
