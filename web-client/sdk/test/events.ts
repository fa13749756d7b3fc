/** Events as a server writes them, for tests. */
import type { ChatEvent } from '../../../protocol/events.ts'
import type { CommandId, Seq, UserId } from '../../../protocol/ids.ts'

export const alice = 'alice' as UserId
export const bob = 'bob' as UserId
export const carol = 'carol' as UserId
const people = [alice, bob, carol] as const

export const seq = (value: number): Seq => value as Seq
const common = (at: number, from: UserId) => ({ seq: seq(at), at: at * 1000, from })

export const created = (at: number): ChatEvent => ({
  ...common(at, alice),
  type: 'created',
  changes: { name: 'Ops', kind: 'public' },
})
export const joined = (at: number, user = bob): ChatEvent => ({
  ...common(at, user),
  type: 'joined',
  user,
  role: 'member',
})
export const message = (at: number, from = alice, text = `text ${at}`, id?: string): ChatEvent => ({
  ...common(at, from),
  type: 'message',
  text,
  ...(id !== undefined && { id: id as CommandId }),
})
export const edited = (at: number, target: number, text: string, from = alice): ChatEvent => ({
  ...common(at, from),
  type: 'edited',
  target: seq(target),
  text,
})
export const deleted = (at: number, target: number, from = alice): ChatEvent => ({
  ...common(at, from),
  type: 'deleted',
  target: seq(target),
})
export const reacted = (at: number, target: number, emoji: string, from = bob): ChatEvent => ({
  ...common(at, from),
  type: 'reacted',
  target: seq(target),
  emoji,
})
export const unreacted = (at: number, target: number, emoji: string, from = bob): ChatEvent => ({
  ...common(at, from),
  type: 'unreacted',
  target: seq(target),
  emoji,
})
export const pinned = (at: number, target: number): ChatEvent => ({
  ...common(at, alice),
  type: 'pinned',
  target: seq(target),
})

/** A log from seq 1 made of small numbers; what has a target has an earlier one, of any type. */
export function log(steps: readonly { kind: number; target: number; author: number }[]): ChatEvent[] {
  return steps.map(({ kind, target, author }, index) => {
    const at = index + 1
    const from = people[author] ?? alice
    const about = (target % Math.max(1, index)) + 1
    if (index === 0) return created(at)
    if (kind === 1) return edited(at, about, `edit ${at}`, from)
    if (kind === 2) return deleted(at, about, from)
    if (kind === 3) return reacted(at, about, target % 2 ? '👍' : '🎉', from)
    if (kind === 4) return unreacted(at, about, target % 2 ? '👍' : '🎉', from)
    if (kind === 5) return pinned(at, about)
    if (kind === 6) return joined(at, from)
    return message(at, from)
  })
}
