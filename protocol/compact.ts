/**
 * The `compact` form: events and commands as CBOR maps with integer keys (RFC 8949; SPEC.md, CBR1-CBR5). The numbers
 * of keys and types never change their meaning.
 */
import { decode, encode } from 'cborg'
import type { CommandType } from './commands.ts'
import type { ChatEvent, EventType } from './events.ts'

/** Key numbers. A compact event has no command id and the time in whole seconds. */
export const COMPACT_KEYS = {
  id: 0,
  seq: 1,
  type: 2,
  from: 3,
  at: 4,
  text: 5,
  replyTo: 6,
  thread: 7,
  target: 8,
  emoji: 9,
  data: 10,
  files: 11,
  user: 12,
  role: 13,
  mentions: 14,
  ttl: 15,
  changes: 16,
} as const

/** Type numbers of events; a command has the number of the event that it becomes. */
export const EVENT_CODES: Readonly<Record<EventType, number>> = {
  message: 0,
  created: 1,
  joined: 2,
  left: 3,
  removed: 4,
  role: 5,
  changed: 6,
  edited: 7,
  deleted: 8,
  reacted: 9,
  unreacted: 10,
  pinned: 11,
  unpinned: 12,
  banned: 13,
  unbanned: 14,
  muted: 15,
  unmuted: 16,
}

const COMMAND_CODES = new Map<number, CommandType>([
  [0, 'message'],
  [7, 'edit'],
  [8, 'delete'],
  [9, 'react'],
  [10, 'unreact'],
  [11, 'pin'],
  [12, 'unpin'],
])
const NAMES = new Map(Object.entries(COMPACT_KEYS).map(([name, key]) => [key as number, name]))
const EVENT_NAMES = new Map(Object.entries(EVENT_CODES).map(([name, code]) => [code, name as EventType]))

/** Own names only: a field may be called `constructor`. */
const isNumbered = (name: string): name is keyof typeof COMPACT_KEYS => Object.hasOwn(COMPACT_KEYS, name)

/** One event as CBOR. Unknown fields keep their names as text keys. */
export function encodeCompact(event: ChatEvent): Uint8Array {
  const map = new Map<number | string, unknown>()
  for (const [name, value] of Object.entries(event)) {
    if (name === 'id' || value === undefined) continue
    const key = isNumbered(name) ? COMPACT_KEYS[name] : name
    if (name === 'type') map.set(key, EVENT_CODES[event.type])
    else if (name === 'at') map.set(key, Math.floor(event.at / 1000))
    else map.set(key, value)
  }
  return encode(map)
}

/** Reads a compact event; `undefined` when the bytes are not one. Never throws. */
export function decodeCompact(bytes: Uint8Array): ChatEvent | undefined {
  const fields = decodeFields(bytes)
  const type = EVENT_NAMES.get(fields?.type as number)
  if (fields === undefined || type === undefined || typeof fields.at !== 'number') return undefined
  return { ...fields, type, at: fields.at * 1000 } as ChatEvent
}

/**
 * Reads a compact command into the shape of a JSON command, not yet validated; `undefined` when the bytes are not a
 * CBOR map. `target` reads as `seq`, as in the JSON spelling. Never throws.
 */
export function decodeCompactCommand(bytes: Uint8Array): Record<string, unknown> | undefined {
  const fields = decodeFields(bytes)
  if (fields === undefined) return undefined
  const { type, target, seq: _serverOnly, from: _from, at: _at, ...rest } = fields
  const named = type === undefined ? 'message' : COMMAND_CODES.get(type as number)
  return { ...rest, type: named ?? type, ...(target !== undefined && { seq: target }) }
}

function decodeFields(bytes: Uint8Array): Record<string, unknown> | undefined {
  let map: unknown
  try {
    map = decode(bytes, { useMaps: true, strict: true, rejectDuplicateMapKeys: true })
  } catch {
    return undefined // not CBOR: the caller answers with a code
  }
  if (!(map instanceof Map)) return undefined
  const fields: Record<string, unknown> = Object.create(null)
  for (const [key, value] of map) {
    if (typeof key === 'number') {
      const name = NAMES.get(key)
      if (name !== undefined) fields[name] = plain(value)
    } else if (typeof key === 'string' && !isNumbered(key)) fields[key] = plain(value)
  }
  return fields
}

/** Nested maps as plain objects without a prototype, so that no key of the wire means anything to JavaScript. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (!(value instanceof Map)) return value
  const object: Record<string, unknown> = Object.create(null)
  for (const [key, item] of value) object[String(key)] = plain(item)
  return object
}
