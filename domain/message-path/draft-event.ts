import type { Command } from '../../protocol/commands.ts'
import type { EventDraft } from '../../protocol/events.ts'
import { isUserId, type UserId } from '../../protocol/ids.ts'
import { MAX_MENTIONS } from '../../protocol/limits.ts'

const PAST = {
  message: 'message',
  edit: 'edited',
  delete: 'deleted',
  react: 'reacted',
  unreact: 'unreacted',
  pin: 'pinned',
  unpin: 'unpinned',
} as const

const MENTION = /(?<![\w@/.-])@([a-z0-9][a-z0-9_.-]*)/g

/**
 * What the server states when it accepts a command: who and when are its own ([P5]); the rest is the client's. Whom a
 * text names with `@` is written beside it unless the client said so itself, so that thin clients can mention ([CMD8]).
 */
export function draftEvent(command: Command, from: UserId, at: number): EventDraft {
  const { type, id, ...fields } = command
  const head = { ...(id !== undefined && { id }), type: PAST[type], from, at }
  if (type === 'message' || type === 'edit') {
    const { seq, text, mentions, ...rest } = fields as Record<string, unknown> & { text: string }
    const named = (mentions as UserId[] | undefined) ?? mentionsIn(text)
    const target = type === 'edit' ? { target: seq } : {}
    return { ...head, text, ...rest, ...target, ...(named.length > 0 && { mentions: named }) } as EventDraft
  }
  const { seq, ...rest } = fields
  return { ...head, ...rest, target: seq } as EventDraft
}

function mentionsIn(text: string): UserId[] {
  if (!text.includes('@')) return []
  const found = new Set<UserId>()
  for (const match of text.matchAll(MENTION)) {
    const name = (match[1] ?? '').replace(/[.\-_]+$/, '')
    if (isUserId(name) && found.size < MAX_MENTIONS) found.add(name)
  }
  return [...found]
}
