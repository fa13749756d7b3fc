import type { Role, RoomState } from '../../../protocol/events.ts'
import type { RoomInfo } from '../../../protocol/http.ts'
import type { Room } from '../../../store/index.ts'

/** What `rooms/{room}/state` shows. */
export function roomState({ id, name, topicLine, kind, head, epoch, members, settings, archived }: Room): RoomState {
  return { id, name, topicLine, kind, head, epoch, members, settings, ...(archived && { archived }) }
}

/** A room as the wire shows it to somebody with this role in it. */
export function roomInfo(room: Room, role: Role | undefined): RoomInfo {
  return { ...roomState(room), createdAt: room.createdAt, ...(role && { role }) }
}

/** One line of text as it is stored: NFC, without blanks around it. */
export const cleanLine = (text: string): string => text.trim().normalize('NFC')
