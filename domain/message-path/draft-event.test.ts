import { describe, expect, test } from 'vitest'
import type { Command } from '../../protocol/commands.ts'
import type { UserId } from '../../protocol/ids.ts'
import { MAX_MENTIONS } from '../../protocol/limits.ts'
import { draftEvent } from './draft-event.ts'
import { checkCommand } from './parse-command.ts'

const draft = (command: object) => draftEvent(command as Command, 'alice' as UserId, 1_763_652_000_123)
const head = { from: 'alice', at: 1_763_652_000_123 }

describe('what the server states', () => {
  test('[EVT1] a message keeps its fields; sender and time are the server’s', () => {
    const fields = { id: 'c1', text: 'hi', replyTo: 41, thread: 40, colour: 'red', data: { a: 1 } }
    expect(draft({ type: 'message', ...fields })).toEqual({ type: 'message', ...head, ...fields })
    expect(draft({ type: 'message', text: 'hi' })).not.toHaveProperty('id')
  })

  test('[EVT2] a command becomes its past participle, about a target', () => {
    expect(draft({ type: 'edit', seq: 41, text: 'x' })).toEqual({ type: 'edited', ...head, target: 41, text: 'x' })
    expect(draft({ type: 'delete', seq: 41, id: 'c1' })).toEqual({ type: 'deleted', id: 'c1', ...head, target: 41 })
    expect(draft({ type: 'react', seq: 41, emoji: '👍' })).toEqual({
      type: 'reacted',
      ...head,
      target: 41,
      emoji: '👍',
    })
    for (const [type, past] of [
      ['unreact', 'unreacted'],
      ['pin', 'pinned'],
      ['unpin', 'unpinned'],
    ]) {
      expect(draft({ type, seq: 41 })).toMatchObject({ type: past, target: 41 })
    }
  })

  test('[P5] no field of a command takes the place of sender, time, seq or target', () => {
    const forged = { from: 'mallory', at: 1, target: 7, device: 'd' }
    const say = (command: object) => {
      const parsed = checkCommand({ ...command, ...forged })
      return parsed.ok ? draft(parsed.command) : parsed.no
    }
    expect(say({ type: 'message', text: 'x', seq: 9 })).toEqual({ type: 'message', ...head, text: 'x' })
    expect(say({ type: 'edit', seq: 41, text: 'x' })).toEqual({ type: 'edited', ...head, target: 41, text: 'x' })
    expect(say({ type: 'delete', seq: 41 })).toEqual({ type: 'deleted', ...head, target: 41 })
    expect(draft({ type: 'edit', seq: 41, text: 'x', target: 7 })).toMatchObject({ target: 41 })
    expect(draft({ type: 'delete', seq: 41, target: 7 })).toMatchObject({ target: 41 })
  })
})

describe('mentions', () => {
  const mentions = (text: string) => (draft({ type: 'message', text }) as { mentions?: string[] }).mentions

  test('[CMD8] whom a text names with @ is written beside it', () => {
    expect(mentions('@bob and @carol-2, see (@dave_x): @bob.')).toEqual(['bob', 'carol-2', 'dave_x'])
    expect(mentions('mail bob@example.org, a/@b, @@bob @x @Bob @')).toBeUndefined()
    expect(mentions(Array.from({ length: 80 }, (_, i) => `@user-${i}`).join(' '))).toHaveLength(MAX_MENTIONS)
  })

  test('[CMD8] unless the command says itself', () => {
    expect(draft({ type: 'message', text: '@bob', mentions: ['carol'] })).toMatchObject({ mentions: ['carol'] })
    expect(draft({ type: 'message', text: '@bob', mentions: [] })).not.toHaveProperty('mentions')
  })
})
