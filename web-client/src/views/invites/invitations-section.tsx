import type { RoomSummary } from '../../state/client-types.ts'
import { mayIn } from '../../state/may.ts'
import { lazy } from '../../ui/lazy.tsx'

const RoomInvitations = lazy(async () => (await import('./room-invitations.tsx')).RoomInvitations)

/** The invitations of a room, where one may invite. */
export function InvitationsSection({ summary }: { summary: RoomSummary }) {
  return mayIn(summary, 'invite', { role: 'reader' }) ? <RoomInvitations summary={summary} /> : null
}
