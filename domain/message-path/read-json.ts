import * as z from 'zod/mini'
import { MAX_DEPTH } from '../../protocol/limits.ts'
import { isCleanValue } from '../../protocol/text.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** A JSON payload of the given shape, or `undefined`. For the small topics beside `send`. Never throws. */
export function readJson<Schema extends z.core.$ZodType>(
  schema: Schema,
  payload: Uint8Array,
): z.core.output<Schema> | undefined {
  let value: unknown
  try {
    value = JSON.parse(utf8.decode(payload))
  } catch {
    return undefined // the caller answers with a code
  }
  if (!isCleanValue(value, MAX_DEPTH)) return undefined
  const result = z.safeParse(schema, value)
  return result.success ? result.data : undefined
}
