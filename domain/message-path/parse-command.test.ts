import { encode } from 'cborg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_TEXT_BYTES } from '../../protocol/limits.ts'
import { markSchema, statusSchema } from '../../protocol/presence.ts'
import { requestSchema } from '../../protocol/requests.ts'
import { parseCommand } from './parse-command.ts'
import { readJson } from './read-json.ts'

const parse = (payload: string | Uint8Array) => parseCommand(Buffer.from(payload as string))
const parseJson = (fields: object) => parse(JSON.stringify(fields))
const message = (fields: object) => ({ ok: true, command: { type: 'message', ...fields }, compact: false })
const refusal = (code: string) => expect.objectContaining({ ok: false, no: expect.objectContaining({ code }) })

describe('the three spellings of a command', () => {
  test('[CMD1] an object with a type is what it says', () => {
    const given = { type: 'message', id: '01J', text: 'hi', replyTo: 41, thread: 40, ttl: 3600, files: ['f_1'] }
    expect(parseJson(given)).toEqual({ ok: true, command: given, compact: false })
    expect(parseJson({ type: 'edit', seq: 41, text: 'x' })).toMatchObject({
      ok: true,
      command: { type: 'edit', seq: 41 },
    })
    expect(parseJson({ type: 'react', seq: 41, emoji: '👍' })).toMatchObject({ ok: true })
  })

  test('[CMD1] a CBOR map is the same with numbers for names', () => {
    const bytes = encode(
      new Map<number, unknown>([
        [0, '01J'],
        [5, 'hi'],
      ]),
    )
    expect(parse(bytes)).toEqual({ ...message({ id: '01J', text: 'hi' }), compact: true })
  })

  test.each([
    'hi',
    'backup done\n',
    '[1,2]',
    '21.5',
    'null',
    '"quoted"',
    '{ not json',
    '{"a":1',
    ' {"type":"edit"}',
    '💧',
  ])('[CMD1] %j is the text of a message', (text) => expect(parse(text)).toEqual(message({ text })))

  test('[CMD2] an object without a type is shown as it is and carried as data', () => {
    expect(parse('{"temp": 21.5}')).toEqual(message({ text: '{"temp": 21.5}', data: { temp: 21.5 } }))
    expect(parse('{"type":5}')).toEqual(message({ text: '{"type":5}', data: { type: 5 } }))
    expect(parse('{}')).toEqual(message({ text: '{}', data: {} }))
  })
})

describe('what a command may hold', () => {
  test('[P5] [CMD6] unknown fields are kept, the server’s own are dropped', () => {
    const forged = { seq: 9, from: 'mallory', at: 1, device: 'd1' }
    expect(parseJson({ type: 'message', text: 'x', colour: 'red', ...forged })).toEqual(
      message({ text: 'x', colour: 'red' }),
    )
    const edit = parseJson({ type: 'edit', text: 'x', ...forged })
    expect(edit).toEqual({ ok: true, command: { type: 'edit', seq: 9, text: 'x' }, compact: false })
  })

  test('[CMD3] other types are refused, with the id for the sender to know', () => {
    for (const type of ['', 'Message', 'created', 'joined', 'edited', '__proto__', 'constructor']) {
      expect(parseJson({ type, id: 'c1', text: 'x' })).toMatchObject({
        ok: false,
        no: { code: 'unknown_type' },
        id: 'c1',
      })
    }
  })

  test.each<[string, object]>([
    ['no text', {}],
    ['empty text', { text: '' }],
    ['text that is no text', { text: 5 }],
    ['long text', { text: 'é'.repeat(MAX_TEXT_BYTES / 2 + 1) }],
    ['U+0000 in the text', { text: 'a\0b' }],
    ['a control character', { text: '\x07' }],
    ['U+0000 in an unknown field', { text: 'x', note: 'a\0b' }],
    ['an id with a space in front', { text: 'x', id: ' a' }],
    ['a long id', { text: 'x', id: 'a'.repeat(65) }],
    ['an id that is no text', { text: 'x', id: 7 }],
    ['a seq that is none', { text: 'x', replyTo: 0 }],
    ['a seq with a fraction', { text: 'x', replyTo: 1.5 }],
    ['a ttl of nothing', { text: 'x', ttl: 0 }],
    ['mentions of nobody', { text: 'x', mentions: ['Not A User'] }],
    ['too many files', { text: 'x', files: Array(11).fill('f') }],
  ])('[CMD3] a message with %s is refused', (_what, fields) => {
    expect(parseJson({ type: 'message', ...fields })).toEqual(refusal('invalid_command'))
  })

  test('[TXT1] the longest text is taken', () => {
    expect(parse('x'.repeat(MAX_TEXT_BYTES))).toMatchObject({ ok: true })
    expect(parse('x'.repeat(MAX_TEXT_BYTES + 1))).toEqual(refusal('invalid_command'))
  })

  test('[TXT3] poison is refused: deep nesting, lone surrogates, __proto__, bytes, ill-formed UTF-8', () => {
    expect(parse(`{"type":"message","text":"x","a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`)).toEqual(
      refusal('invalid_command'),
    )
    expect(parse('{"type":"message","text":"x","a":"\\ud800"}')).toEqual(refusal('invalid_command'))
    expect(parse('{"type":"message","text":"x","__proto__":{"admin":true}}')).toEqual(refusal('invalid_command'))
    expect(parse('{"__proto__":1}')).toEqual(refusal('invalid_command'))
    expect(parse(Buffer.from([0xff, 0xfe]))).toEqual(refusal('invalid_command'))
    expect(parse(Buffer.from('a\xc0\x80', 'latin1'))).toEqual(refusal('invalid_command'))
    expect(parse('')).toEqual(refusal('invalid_command'))
    const bytes = encode(
      new Map<unknown, unknown>([
        [5, 'x'],
        ['blob', new Uint8Array(4)],
      ]),
    )
    expect(parse(bytes)).toEqual(refusal('invalid_command'))
  })
})

describe('any bytes', () => {
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ unit: 'binary' }).map((text) => new Uint8Array(Buffer.from(text))),
    fc.json().map((json) => new Uint8Array(Buffer.from(json))),
    fc
      .dictionary(fc.constantFrom('type', 'text', 'seq', 'id', 'emoji', 'data', 'mentions', 'x'), fc.jsonValue())
      .map((fields) => new Uint8Array(Buffer.from(JSON.stringify({ type: 'message', ...fields })))),
    fc.uint8Array({ maxLength: 100 }).map((rest) => Uint8Array.from([0xa1 + (rest.length % 8), ...rest])),
  )

  test('[CMD1] are a command or a refusal with a code, and never throw', () => {
    fc.assert(
      fc.property(payload, (bytes) => {
        const parsed = parseCommand(bytes)
        if (!parsed.ok) expect(['invalid_command', 'unknown_type']).toContain(parsed.no.code)
        else JSON.stringify(parsed.command)
      }),
      { numRuns: 5_000 },
    )
  })

  test('[REQ1] are a mark, a status, a request, or nothing', () => {
    fc.assert(
      fc.property(payload, (bytes) => {
        for (const schema of [markSchema, statusSchema, requestSchema]) readJson(schema, bytes)
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('small JSON', () => {
  const read = (payload: string) => readJson(markSchema, Buffer.from(payload))

  test('[RCP1] a mark is read, anything else is not', () => {
    expect(read('{"read":42}')).toEqual({ read: 42 })
    expect(read('{"read":42,"delivered":45,"x":1}')).toEqual({ read: 42, delivered: 45 })
    for (const bad of [
      '',
      '42',
      '{}',
      '{"read":-1}',
      '{"read":"42"}',
      '{"read":1.5}',
      'null',
      '{"read":1e400}',
      '\xff',
    ]) {
      expect(read(bad)).toBeUndefined()
    }
    expect(read(`{"read":1,"x":${'['.repeat(20_000)}${']'.repeat(20_000)}}`)).toBeUndefined()
  })
})
