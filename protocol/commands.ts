/** What a client may ask of a room on `rooms/{room}/send` (SPEC.md, CMD1-CMD9). */
import * as z from 'zod/mini'
import { type CommandId, isCommandId, isSeq, isUserId, type Seq, type UserId } from './ids.ts'
import { MAX_EMOJI_BYTES, MAX_FILES, MAX_MENTIONS, MAX_TEXT_BYTES, MAX_TTL_SECONDS } from './limits.ts'
import { cleanText, utf8Length } from './text.ts'

const commandId = z.custom<CommandId>(isCommandId, 'id: 1 to 64 printable ASCII characters')
const seq = z.custom<Seq>(isSeq, 'seq: a positive whole number')
const userId = z.custom<UserId>(isUserId, 'not a user id')

/** Text as people write it: NFC, line ends as \n, no control characters but newline and tab, at most 16 KiB. */
const text = z.pipe(
  z.string(),
  z.transform((raw: string, context) => {
    const clean = cleanText(raw)
    if (clean === undefined) {
      context.issues.push({ code: 'custom', input: raw, message: 'text: control characters or broken Unicode' })
      return z.NEVER
    }
    if (clean.length === 0 || utf8Length(clean) > MAX_TEXT_BYTES) {
      context.issues.push({ code: 'custom', input: raw, message: `text: 1 to ${MAX_TEXT_BYTES} bytes` })
      return z.NEVER
    }
    return clean
  }),
)

const emoji = z.string().check(
  z.minLength(1),
  z.refine((value) => utf8Length(value) <= MAX_EMOJI_BYTES, `emoji: at most ${MAX_EMOJI_BYTES} bytes`),
  z.refine((value) => cleanText(value) === value && !/[\s\p{Cc}]/u.test(value), 'emoji: no spaces or controls'),
)

const id = z.optional(commandId)
const mentions = z.optional(z.array(userId).check(z.maxLength(MAX_MENTIONS)))

export const commandSchema = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('message'),
    id,
    text,
    replyTo: z.optional(seq),
    thread: z.optional(seq),
    ttl: z.optional(z.int().check(z.positive(), z.maximum(MAX_TTL_SECONDS))),
    files: z.optional(z.array(z.string().check(z.minLength(1), z.maxLength(64))).check(z.maxLength(MAX_FILES))),
    mentions,
    data: z.optional(z.unknown()),
  }),
  z.looseObject({ type: z.literal('edit'), id, seq, text, mentions }),
  z.looseObject({ type: z.literal('delete'), id, seq }),
  z.looseObject({ type: z.literal('react'), id, seq, emoji }),
  z.looseObject({ type: z.literal('unreact'), id, seq, emoji }),
  z.looseObject({ type: z.literal('pin'), id, seq }),
  z.looseObject({ type: z.literal('unpin'), id, seq }),
])

/** A valid command. Fields that the schema does not name are kept and passed on. */
export type Command = z.infer<typeof commandSchema>
export type CommandType = Command['type']

export const COMMAND_TYPES: readonly CommandType[] = ['message', 'edit', 'delete', 'react', 'unreact', 'pin', 'unpin']
