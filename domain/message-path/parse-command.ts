import * as z from 'zod/mini'
import { COMMAND_TYPES, type Command, commandSchema } from '../../protocol/commands.ts'
import { decodeCompactCommand } from '../../protocol/compact.ts'
import type { Refusal } from '../../protocol/errors.ts'
import { isCommandId } from '../../protocol/ids.ts'
import { MAX_DEPTH } from '../../protocol/limits.ts'
import { isCleanValue } from '../../protocol/text.ts'

export type Parsed =
  | { ok: true; command: Command; compact: boolean }
  /** `id` as far as it could be read, so that the sender knows which command was refused. */
  | { ok: false; no: Refusal; id?: string; compact: boolean }

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const OPEN_BRACE = 0x7b

/**
 * The hall: bytes of a publish to `rooms/{room}/send` become a command, or a no with a code ([CMD1]). Three spellings,
 * told apart by the first byte: CBOR map, JSON object, and anything else that is valid UTF-8 is the text of a message.
 */
export function parseCommand(payload: Uint8Array): Parsed {
  const first = payload[0]
  if (first === undefined) return refuse('The payload is empty.')
  if (first >= 0xa0 && first <= 0xbf) {
    const fields = decodeCompactCommand(payload)
    return fields === undefined ? refuse('Not a CBOR map.') : { ...checkCommand(fields), compact: true }
  }
  let text: string
  try {
    text = utf8.decode(payload)
  } catch {
    return refuse('Neither UTF-8 nor a CBOR map.')
  }
  const object = first === OPEN_BRACE ? readObject(text) : undefined
  if (object === undefined) return checkCommand({ type: 'message', text })
  if (typeof object.type === 'string') return checkCommand(object)
  return checkCommand({ type: 'message', text, data: object })
}

/** Validates a command that is an object already (HTTP, requests, CBOR). Unknown fields are kept ([CMD6]). */
export function checkCommand(fields: Record<string, unknown>): Parsed {
  const id = isCommandId(fields.id) ? { id: fields.id as string } : {}
  const { from: _from, at: _at, device: _device, target: _target, ...given } = fields // the server's own ([P5])
  if (given.type === 'message') delete given.seq
  if (given.type === 'delete') delete given.moderated
  if (!isCleanValue(given, MAX_DEPTH)) {
    return { ...refuse(`A field is nested deeper than ${MAX_DEPTH} or has broken Unicode.`), ...id }
  }
  if (!(COMMAND_TYPES as readonly unknown[]).includes(given.type)) {
    return { ok: false, no: { code: 'unknown_type' }, ...id, compact: false }
  }
  const result = z.safeParse(commandSchema, given)
  if (result.success) return { ok: true, command: result.data, compact: false }
  const issue = result.error.issues[0]
  const where = issue?.path.join('.') ?? ''
  const message = issue?.message ?? 'The command is not valid.'
  return {
    ...refuse(where === '' || message.startsWith(where) ? message : `${where}: ${message}`),
    ...id,
    compact: false,
  }
}

function readObject(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return undefined // a text that happens to begin with a brace
  }
}

const refuse = (message: string) => ({
  ok: false as const,
  no: { code: 'invalid_command' as const, message },
  compact: false,
})
