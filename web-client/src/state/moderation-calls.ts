import type { RoomId } from '../../../protocol/ids.ts'
import { createModeration, type Moderation } from '../../sdk/moderation.ts'
import type { ChatClient } from './client-types.ts'

export type { Ban, Moderation, Restriction } from '../../sdk/moderation.ts'

/** What can be done to the members of a room. Not in the first chunk: for views that come later. */
export const moderationOf = (client: ChatClient, room: RoomId): Moderation => createModeration(client, room)
