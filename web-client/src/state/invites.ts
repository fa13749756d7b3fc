/** What the views of invitations ask the server, and the shapes of it; loaded with them. */
export type { Invitation, InviteDescription, InviteLink, Invites } from '../../sdk/invites.ts'
export { createInvites } from '../../sdk/invites.ts'
