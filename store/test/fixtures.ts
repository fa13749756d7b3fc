import type { EventDraft, MessageDraft, Role, RoomKind } from '../../protocol/events.ts'
import { type DeviceId, isDeviceId, isRoomId, isUserId, type RoomId, type UserId } from '../../protocol/ids.ts'
import { completeSettings, type StoredSettings } from '../../protocol/room-settings.ts'
import type { ArchivedEvent, Store } from '../index.ts'

/** Ids for tests; a wrong one is a mistake in the test. */
export const roomId = (text: string): RoomId => checked(text, isRoomId)
export const userId = (text: string): UserId => checked(text, isUserId)
export const deviceId = (text: string): DeviceId => checked(text, isDeviceId)

function checked<Id extends string>(text: string, is: (value: unknown) => value is Id): Id {
  if (!is(text)) throw new Error(`not an id: ${text}`)
  return text
}

export const AT = 1_763_652_000_000

export const message = (from: UserId, text: string, more: Partial<MessageDraft> = {}): MessageDraft => ({
  type: 'message',
  from,
  at: AT,
  text,
  ...more,
})

export async function addUsers(store: Store, ...users: UserId[]): Promise<void> {
  for (const id of users) {
    await store.accounts.users.create({ id, displayName: `${id} B.`, createdAt: AT }, { passwordHash: '' })
  }
}

/** Makes a room with its first events: `created`, then `joined` for each member; the first one is its owner. */
export function makeRoom(
  store: Store,
  id: RoomId,
  members: UserId[],
  options: { kind?: RoomKind; settings?: StoredSettings; name?: string; direct?: [UserId, UserId] } = {},
): Promise<ArchivedEvent[]> {
  const { kind = 'public', settings = {}, name = `Room ${id}`, direct } = options
  const [owner = userId('nobody')] = members
  return store.archive.appendWith(id, async (transaction) => {
    await store.rooms.create(transaction, {
      id,
      name,
      topicLine: '',
      kind,
      settings: completeSettings(kind, settings),
      createdAt: AT,
      ...(direct !== undefined && { direct }),
    })
    const events: EventDraft[] = [{ type: 'created', from: owner, at: AT, changes: { name, kind } }]
    for (const user of members) {
      const role = user === owner ? 'owner' : 'member'
      await store.members.put(transaction, { room: id, user, role, at: AT })
      events.push({ type: 'joined', from: owner, at: AT, user, role })
    }
    return events
  })
}

export function join(store: Store, room: RoomId, user: UserId, role: Role = 'member'): Promise<ArchivedEvent[]> {
  return store.archive.appendWith(room, async (transaction) => {
    await store.members.put(transaction, { room, user, role, at: AT })
    return [{ type: 'joined', from: user, at: AT, user, role }]
  })
}

/** Appends messages one by one and answers their seqs. */
export async function say(store: Store, room: RoomId, from: UserId, ...texts: string[]): Promise<number[]> {
  const done = await Promise.all(texts.map((text) => store.archive.append({ room, draft: message(from, text) })))
  return done.map(({ event }) => event.seq)
}
