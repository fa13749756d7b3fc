import type { Selectable } from 'kysely'
import { completeSettings } from '../../protocol/room-settings.ts'
import type { RoomRow } from '../tables.ts'
import type { Room } from './rooms.ts'

export const toRoom = (row: Selectable<RoomRow>): Room => ({
  id: row.id,
  name: row.name,
  topicLine: row.topic_line,
  kind: row.kind,
  settings: completeSettings(row.kind, row.settings),
  head: row.head,
  epoch: row.epoch,
  members: row.member_count,
  createdAt: row.created_at,
  ...(row.archived_at !== null && { archived: true }),
})
