import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChatEvent } from './events.ts'
import { cleanText, isCleanValue, utf8Length } from './text.ts'
import { textLine } from './text-view.ts'

const anyString = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 }).map((units) => String.fromCharCode(...units)),
)

describe('text', () => {
  test('[TXT1] is NFC with \\n line ends', () => {
    expect(cleanText('Zoe\u0301')).toBe('Zo\u00e9')
    expect(cleanText('a\r\nb\tc\nd')).toBe('a\nb\tc\nd')
    expect(cleanText('👩‍👩‍👧‍👦 e\u0301 \ufeff \u200d ‮')).toBe('👩‍👩‍👧‍👦 \u00e9 \ufeff \u200d ‮')
  })

  test.each(['\0', 'a\u0007b', 'a\rb', '\x1b[31m', '\x7f', '\u0085', '\u009f', '\ud800', 'x\udc00', '\udc00\ud800'])(
    '[TXT1] is refused with %j in it',
    (raw) => expect(cleanText(raw)).toBeUndefined(),
  )

  test('[TXT1] cleaning twice is cleaning once, and what is clean survives UTF-8', () => {
    fc.assert(
      fc.property(anyString, (raw) => {
        const clean = cleanText(raw)
        if (clean === undefined) return
        expect(cleanText(clean)).toBe(clean)
        expect(clean.normalize('NFC')).toBe(clean)
        expect(Buffer.from(clean).toString()).toBe(clean)
      }),
      { numRuns: 2_000 },
    )
  })

  test('[TXT1] its length is that of its UTF-8 bytes', () => {
    fc.assert(
      fc.property(anyString, (raw) => void expect(utf8Length(raw)).toBe(Buffer.byteLength(raw))),
      { numRuns: 2_000 },
    )
  })
})

describe('other values', () => {
  test('[TXT3] JSON without U+0000, lone surrogates and __proto__ is kept, up to a depth', () => {
    expect(isCleanValue({ a: [1, 'x', null, true, { b: -0.5 }] }, 32)).toBe(true)
    for (const bad of ['\0', { a: 'x\0' }, { 'k\0': 1 }, ['\ud800'], JSON.parse('{"a":{"__proto__":1}}')]) {
      expect(isCleanValue(bad, 32)).toBe(false)
    }
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, undefined, 1n, () => 1, Symbol('x'), new Uint8Array(2)]) {
      expect(isCleanValue(bad, 32)).toBe(false)
    }
    const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])
    expect(isCleanValue(nested(32), 32)).toBe(true)
    expect(isCleanValue(nested(33), 32)).toBe(false)
    expect(isCleanValue(nested(5_000), 32)).toBe(false)
  })

  test('[TXT3] what is kept comes back from JSON as it was', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const value = JSON.parse(json)
        const text = JSON.stringify(value)
        if (isCleanValue(value, 32)) expect(JSON.parse(Buffer.from(text).toString())).toEqual(JSON.parse(text))
        else expect(text).toMatch(/\\u0000|\\ud[89a-f]|__proto__/)
      }),
    )
  })
})

describe('the text view', () => {
  const event = (fields: object) => ({ seq: 1, from: 'alice', at: 0, ...fields }) as ChatEvent

  test('[TXV1] has a line for messages and edits, and for nothing else', () => {
    expect(textLine(event({ type: 'message', text: 'hello' }))).toBe('alice: hello')
    expect(textLine(event({ type: 'edited', target: 1, text: 'hello' }))).toBe('alice: * hello')
    for (const type of ['created', 'joined', 'left', 'removed', 'role', 'changed', 'deleted', 'reacted', 'pinned']) {
      expect(textLine(event({ type, target: 1 }))).toBeUndefined()
    }
  })
})
