/** What one entry is to the archive's function in the database. */
import { ChatError } from '../../protocol/errors.ts'
import type { EventDraft } from '../../protocol/events.ts'
import type { RoomId, Seq } from '../../protocol/ids.ts'
import type { Append, ArchivedEvent } from './archive.ts'

export type Entry = {
  room: RoomId
  draft: EventDraft
  /** The draft as JSON. */
  json: string
  /** The parameter of the database function, a JSON object. */
  encoded: string
  /** No two entries of one batch may share one. */
  keys: readonly string[]
}

/** JSON.stringify writes `\u` for control characters and lone surrogates only; a doubled backslash is text. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/

/** Encodes an entry once, while earlier ones are being committed. Throws `invalid_command` for what PostgreSQL refuses. */
export function encodeEntry({ room, draft, commandId, transmission }: Append): Entry {
  const json = JSON.stringify(draft)
  if (json.includes('\\u') && UNSTORABLE.test(json)) {
    throw new ChatError('invalid_command', { publicMessage: 'NUL and broken Unicode cannot be stored.' })
  }
  const { from, type, at } = draft
  const keys: string[] = []
  // Ids of rooms, users and devices and names of types need no escaping: their alphabets have no quotes.
  let encoded = `{"r":"${room}","a":"${from}","t":"${type}","at":${at}`
  if ('target' in draft) encoded += `,"g":${draft.target}`
  if ((type === 'message' || type === 'edited') && draft.mentions !== undefined && draft.mentions.length > 0) {
    encoded += `,"m":${JSON.stringify(draft.mentions)}`
  }
  if (type === 'message' && draft.ttl !== undefined) encoded += `,"x":${at + draft.ttl * 1000}`
  if (commandId !== undefined) {
    encoded += `,"c":${JSON.stringify(commandId)}`
    keys.push(`${room} ${from} ${commandId}`)
  } else if (transmission !== undefined) {
    const { device, packetId, dup, payloadHash } = transmission
    encoded += `,"d":"${device}","p":${packetId},"u":${dup},"h":${JSON.stringify(payloadHash)}`
    keys.push(`${from} ${device} ${packetId}`)
  }
  return { room, draft, json, encoded: `${encoded},"b":${json}}`, keys }
}

/** The one place that states that an event is archived. */
export const archivedEvent = (room: RoomId, seq: number, draft: EventDraft, json: string): ArchivedEvent =>
  ({ room, seq: seq as Seq, draft, json }) as ArchivedEvent
