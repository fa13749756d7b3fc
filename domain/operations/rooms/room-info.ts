import type { Role, RoomState } from '../../../protocol/events.ts'
import type { RoomInfo } from '../../../protocol/http.ts'
import type { Mute } from '../../../protocol/room-settings.ts'
import type { Room } from '../../../store/index.ts'
import { shownEnd } from '../moderation/restriction.ts'

/** What `rooms/{room}/state` shows. */
export function roomState({ id, name, topicLine, kind, head, epoch, members, settings, archived }: Room): RoomState {
  return { id, name, topicLine, kind, head, epoch, members, settings, ...(archived && { archived }) }
}

/** A room as the wire shows it to somebody with this role in it. */
export function roomInfo(room: Room, role: Role | undefined, mutedUntil?: number): RoomInfo {
  return { ...roomState(room), createdAt: room.createdAt, ...(role && { role }), ...shownMute(mutedUntil) }
}

/** A mute on the wire. */
export const shownMute = (mutedUntil: number | undefined): { mute?: Mute } =>
  mutedUntil === undefined ? {} : { mute: shownEnd(mutedUntil) }

/** One line of text as it is stored: NFC, without blanks around it. */
export const cleanLine = (text: string): string => text.trim().normalize('NFC')
