import { inScope, type Session } from '../../../auth-plugin/index.ts'
import { ChatError } from '../../../protocol/errors.ts'
import type { EventDraft, Role, RoomKind } from '../../../protocol/events.ts'
import { createRoomInput, type RoomInfo } from '../../../protocol/http.ts'
import type { RoomId, UserId } from '../../../protocol/ids.ts'
import { defaultSettings } from '../../../protocol/room-settings.ts'
import type { Store } from '../../../store/index.ts'
import type { Bus } from '../../bus/bus.ts'
import type { Sight } from '../../people/index.ts'
import { defineOperation } from '../table.ts'
import type { RoomChanges } from './room-changes.ts'
import { randomRoomId, roomIdFromName } from './room-id.ts'
import { cleanLine } from './room-info.ts'
import type { ShowRoom } from './show-room.ts'

/** How often an id is made anew when it is taken. */
const TRIES = 5

type Plan = { session: Session; kind: RoomKind; name: string; topicLine: string; roles: ReadonlyMap<UserId, Role> }

type Deps = { store: Store; bus: Bus; changes: RoomChanges; show: ShowRoom; sight: Sight; now(): number }

/** Makes rooms ([ROOM1]) and direct rooms, of which two people have one at most ([ROOM2]). */
export function createRoomOperation(deps: Deps) {
  const { store, bus, changes, show, sight, now } = deps

  /** Throws `room_exists` when the id or the direct pair is taken. */
  async function make(plan: Plan, room: RoomId): Promise<RoomInfo> {
    const { session, kind, name, topicLine, roles } = plan
    if (!inScope(session, room)) throw new ChatError('out_of_scope')
    changes.checkQueue()
    const me = session.user
    await store.archive.appendWith(room, async (transaction) => {
      const at = now()
      const settings = defaultSettings(kind)
      const [one, other] = [...roles.keys()]
      const direct = kind === 'direct' && one && other ? { direct: [one, other] as const } : {}
      await store.rooms.create(transaction, { id: room, name, topicLine, kind, settings, createdAt: at, ...direct })
      const drafts: EventDraft[] = [
        { type: 'created', from: me, at, changes: { kind, name, ...(topicLine && { topicLine }) } },
      ]
      for (const [user, role] of roles) {
        await store.members.put(transaction, { room, user, role, at })
        drafts.push({ type: 'joined', from: me, at, user, role })
      }
      return drafts
    })
    for (const [user, role] of roles) bus.emit('membership', { room, user, role })
    bus.emit('room', { room })
    for (const [user, role] of roles) {
      if (user !== me) bus.emit('inbox', { user, notice: { type: 'added', room, role, by: me } })
    }
    return show(room, me)
  }

  /** The direct room that exists, to be returned instead of a new one. */
  async function findDirect(session: Session, other: UserId): Promise<RoomInfo | undefined> {
    const room = await store.rooms.findDirect(session.user, other)
    if (room === undefined) return undefined
    if (!inScope(session, room)) throw new ChatError('out_of_scope')
    return show(room, session.user)
  }

  /** Makes the room under the first id that is free; `taken` may find the room that is in the way. */
  async function makeUnder(
    idFor: (attempt: number) => RoomId,
    plan: Plan,
    taken: () => Promise<RoomInfo | undefined>,
  ): Promise<RoomInfo> {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      try {
        return await make(plan, idFor(attempt))
      } catch (error) {
        if (!(error instanceof ChatError && error.code === 'room_exists')) throw error
        const found = await taken()
        if (found !== undefined) return found
      }
    }
    throw new ChatError('unavailable')
  }

  async function checkUsers(me: UserId, users: readonly UserId[]): Promise<void> {
    const existing = new Set((await store.accounts.users.getMany(users)).map((user) => user.id))
    const missing = users.filter((user) => !existing.has(user))
    if (missing.length > 0) throw new ChatError('user_not_found', { details: { users: missing } })
    await sight.requireReach(me, users)
  }

  return defineOperation({
    name: 'create-room',
    summary: 'Make a room; a direct room that exists is returned.',
    input: createRoomInput,
    access: 'write',
    http: { method: 'POST', path: '/api/rooms', status: 201, rename: { id: 'room' } },
    mqtt: true,
    async handle(input, { session }): Promise<RoomInfo> {
      const { kind } = input
      const topicLine = cleanLine(input.topicLine ?? '')
      const me = session.user
      const others = [...new Set(input.members)].filter((user) => user !== me)
      if (kind === 'direct') {
        const [other] = others
        if (other === undefined || others.length > 1) throw invalid('members', 'a direct room has exactly one other')
        if (input.room !== undefined) throw invalid('room', 'the id of a direct room is not chosen')
        const existing = await findDirect(session, other)
        if (existing !== undefined) return existing
        await checkUsers(me, others)
        const roles = new Map<UserId, Role>([me, other].map((user) => [user, 'member']))
        const plan: Plan = { session, kind, topicLine, roles, name: [me, other].sort().join(', ') }
        return makeUnder(randomRoomId, plan, () => findDirect(session, other))
      }
      const name = cleanLine(input.name ?? input.room ?? '')
      if (name === '') throw invalid('name', 'a name or an id is needed')
      await checkUsers(me, others)
      const roles = new Map<UserId, Role>([[me, 'owner'], ...others.map((user) => [user, 'member'] as const)])
      const plan: Plan = { session, kind, topicLine, roles, name }
      if (input.room !== undefined) return make(plan, input.room)
      const idFor = kind === 'private' ? randomRoomId : (attempt: number) => roomIdFromName(name, attempt > 0)
      return makeUnder(idFor, plan, async () => undefined)
    },
  })
}

const invalid = (path: string, message: string): ChatError =>
  new ChatError('invalid_request', { details: [{ path, message }] })
