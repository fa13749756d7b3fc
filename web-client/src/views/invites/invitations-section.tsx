import type { Role } from '../../../../protocol/events.ts'
import type { RoomSummary } from '../../state/client-types.ts'
import { lazy } from '../../ui/lazy.tsx'

const RoomInvitations = lazy(async () => (await import('./room-invitations.tsx')).RoomInvitations)

const ROLES: readonly Role[] = ['reader', 'member', 'admin', 'owner']

/** Nobody invites to a conversation between two, to an archived room, or whom the room does not let. */
const mayInvite = ({ kind, archived, role, settings }: RoomSummary): boolean =>
  kind !== 'direct' &&
  !archived &&
  role !== undefined &&
  ROLES.indexOf(role) >= ROLES.indexOf(settings.permissions.invite)

/** The invitations of a room, where one may invite. */
export function InvitationsSection({ summary }: { summary: RoomSummary }) {
  return mayInvite(summary) ? <RoomInvitations summary={summary} /> : null
}
