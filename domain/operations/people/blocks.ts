import { ChatError } from '../../../protocol/errors.ts'
import { type Block, blockInput } from '../../../protocol/http/people.ts'
import type { UserId } from '../../../protocol/ids.ts'
import { noInput } from '../no-input.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../table.ts'
import type { PeopleDeps } from './deps.ts'

/** Whom I do not want to hear ([PEO9]). They are never told. */
export function createBlockOperations({ store, bus, presence, now }: PeopleDeps): Operation[] {
  /** Takes effect at once: in the direct room, for what the other one sees of me, and on my other devices. */
  async function apply(user: UserId, other: UserId, blocked: boolean): Promise<void> {
    bus.emit('privacy', { user })
    bus.emit('inbox', { user, notice: { type: 'blocked', user: other, blocked } })
    const room = await store.rooms.findDirect(user, other)
    if (room !== undefined) bus.emit('standing', { room, user: other })
    await presence.tellAgain(user, other)
  }

  const blocks = defineOperation({
    name: 'blocks',
    summary: 'Whom I have blocked, the last one first',
    input: noInput,
    access: 'session',
    http: { method: 'GET', path: '/api/me/blocks' },
    mqtt: true,
    handle: async (_input, { session }): Promise<{ blocks: Block[] }> => ({
      blocks: await store.people.blocks(session.user),
    }),
  })

  const block = defineOperation({
    name: 'block',
    summary: 'Block somebody; nobody is told',
    input: blockInput,
    access: 'session',
    http: { method: 'PUT', path: '/api/me/blocks/:user', status: 204 },
    mqtt: true,
    async handle({ user }, { session }): Promise<void> {
      if (user === session.user) throw new ChatError('conflict', { publicMessage: 'That would be yourself.' })
      if (await store.people.block(session.user, user, now())) await apply(session.user, user, true)
    },
  })

  const unblock = defineOperation({
    name: 'unblock',
    summary: 'Hear somebody again',
    input: blockInput,
    access: 'session',
    http: { method: 'DELETE', path: '/api/me/blocks/:user', status: 204 },
    mqtt: true,
    async handle({ user }, { session }): Promise<void> {
      if (await store.people.unblock(session.user, user)) await apply(session.user, user, false)
    },
  })

  return [blocks, block, unblock]
}
