/** Invitations of every kind, as HTTP calls; an entrance of its own, for views and programs that deal with them. */

import type {
  Invitation,
  InviteDescription,
  InvitedRole,
  InviteLink,
  JoinRequest,
  MyJoinRequest,
  PendingInvitation,
  ServerInvite,
} from '../../protocol/http/invites.ts'
import type { RoomInfo } from '../../protocol/http.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { ChatClient } from './actions.ts'

export type { Invitation, InviteDescription, InvitedRole, InviteLink, JoinRequest, PendingInvitation, ServerInvite }

/** `expiresIn` in seconds; absent: without end. */
export type NewLink = { role?: InvitedRole; expiresIn?: number; uses?: number }
export type NewServerInvite = Omit<NewLink, 'role'> & { note?: string }

/** All reject with ChatError. Whoever comes in by one of these hears of the room as `joinRoom` does. */
export interface Invites {
  /** Rooms that I am invited to. */
  mine(): Promise<Invitation[]>
  accept(room: RoomId): Promise<RoomInfo>
  decline(room: RoomId): Promise<void>

  invite(room: RoomId, user: UserId, role?: InvitedRole): Promise<void>
  uninvite(room: RoomId, user: UserId): Promise<void>
  pending(room: RoomId): Promise<PendingInvitation[]>

  createLink(room: RoomId, link?: NewLink): Promise<InviteLink>
  links(room: RoomId): Promise<InviteLink[]>
  revokeLink(room: RoomId, id: string): Promise<void>
  describe(code: string): Promise<InviteDescription>
  /** Joins the room that a link leads to. */
  follow(code: string): Promise<RoomInfo>

  ask(room: RoomId, text?: string): Promise<void>
  asked(): Promise<MyJoinRequest[]>
  withdraw(room: RoomId): Promise<void>
  requests(room: RoomId): Promise<JoinRequest[]>
  letIn(room: RoomId, user: UserId): Promise<void>
  turnAway(room: RoomId, user: UserId): Promise<void>

  createServerInvite(invite?: NewServerInvite): Promise<ServerInvite>
  serverInvites(): Promise<ServerInvite[]>
  revokeServerInvite(id: string): Promise<void>
}

export function createInvites({ call }: Pick<ChatClient, 'call'>): Invites {
  const list = async <Item>(path: string, name: string): Promise<Item[]> =>
    (await call<Record<string, Item[]>>('GET', path))[name] ?? []

  return {
    mine: () => list('/me/invitations', 'invitations'),
    accept: (room) => call('POST', `/me/invitations/${room}/accept`),
    decline: (room) => call('DELETE', `/me/invitations/${room}`),

    invite: (room, user, role) => call('PUT', `/rooms/${room}/invitations/${user}`, { role }),
    uninvite: (room, user) => call('DELETE', `/rooms/${room}/invitations/${user}`),
    pending: (room) => list(`/rooms/${room}/invitations`, 'invitations'),

    createLink: (room, link = {}) => call('POST', `/rooms/${room}/invites`, link),
    links: (room) => list(`/rooms/${room}/invites`, 'invites'),
    revokeLink: (room, id) => call('DELETE', `/rooms/${room}/invites/${id}`),
    describe: (code) => call('GET', `/invites/${encodeURIComponent(code)}`),
    follow: (code) => call('POST', `/invites/${encodeURIComponent(code)}/accept`),

    ask: (room, text = '') => call('POST', `/rooms/${room}/join-requests`, { text }),
    asked: () => list('/me/join-requests', 'requests'),
    withdraw: (room) => call('DELETE', `/me/join-requests/${room}`),
    requests: (room) => list(`/rooms/${room}/join-requests`, 'requests'),
    letIn: (room, user) => call('PUT', `/rooms/${room}/join-requests/${user}`),
    turnAway: (room, user) => call('DELETE', `/rooms/${room}/join-requests/${user}`),

    createServerInvite: (invite = {}) => call('POST', '/admin/invites', invite),
    serverInvites: () => list('/admin/invites', 'invites'),
    revokeServerInvite: (id) => call('DELETE', `/admin/invites/${id}`),
  }
}
