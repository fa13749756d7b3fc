/** Takes a person out of an event of the log ([DEL3]). Pure. */
import type { UserId } from '../../protocol/ids.ts'

export type Rewriting = { user: UserId; standIn: UserId; messages: 'anonymise' | 'remove' }

type Body = Record<string, unknown> & { type?: unknown; from?: unknown; at?: unknown; text?: unknown }

/** What people said in their own words: nothing in these is an id, but `@name` in a text. */
const WORDS = new Set(['type', 'id', 'text', 'emoji', 'reason', 'data'])

/**
 * The event with the stand-in wherever it named the user: as author, as the one it is about, among the mentions, as
 * `@name` in a text, and in the name of a direct room. With `remove` the user's own words are blanked as by a deletion.
 */
export function rewriteEvent(body: Body, { user, standIn, messages }: Rewriting): Body {
  const own = body.from === user
  if (own && messages === 'remove' && (body.type === 'message' || body.type === 'edited')) {
    const { type, at, target } = body
    return { type, from: standIn, at, ...(target !== undefined && { target }), text: '', deleted: true }
  }
  const rewritten: Body = {}
  for (const [key, value] of Object.entries(body)) {
    if (own && key === 'id') continue // what the user's own device called it
    if (key === 'text' && typeof value === 'string') rewritten[key] = renameIn(value, user, standIn)
    else if (key === 'changes') rewritten[key] = renameRoom(value, user, standIn)
    else if (WORDS.has(key)) rewritten[key] = value
    else if (Array.isArray(value)) rewritten[key] = value.map((one: unknown) => (one === user ? standIn : one))
    else rewritten[key] = value === user ? standIn : value
  }
  return rewritten
}

/** A name as a text mentions it ([CMD8]); what is glued to it is part of another name. */
export function renameIn(text: string, user: string, standIn: string): string {
  if (!text.includes(`@${user}`)) return text
  const name = user.replace(/[.]/g, '\\.')
  return text.replace(new RegExp(`(?<![\\w@/.-])@${name}(?=[.\\-_]*(?![a-z0-9_.-]))`, 'g'), `@${standIn}`)
}

/** A direct room is called after the two who are in it. */
export const renameDirect = (name: string, user: string, standIn: string): string =>
  name
    .split(', ')
    .map((one) => (one === user ? standIn : one))
    .join(', ')

function renameRoom(changes: unknown, user: string, standIn: string): unknown {
  if (typeof changes !== 'object' || changes === null) return changes
  const { kind, name } = changes as { kind?: unknown; name?: unknown }
  return kind === 'direct' && typeof name === 'string'
    ? { ...changes, name: renameDirect(name, user, standIn) }
    : changes
}
