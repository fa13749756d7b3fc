/** Invitations made over HTTP, for the stories that begin with them. */
import type { InviteLink, ServerInvite } from '../../protocol/http/invites.ts'
import type { Person } from './seed.ts'

export { type Person, seedTown } from './seed.ts'

async function call<Result>(url: string, method: string, path: string, by: Person, body: object = {}): Promise<Result> {
  const response = await fetch(`${url}/api${path}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${by.accessToken}` },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as Result
}

/** The address of a new link to a room. */
export async function inviteLink(url: string, by: Person, room: string, link: object = {}): Promise<string> {
  return `${url}/invite/${(await call<InviteLink>(url, 'POST', `/rooms/${room}/invites`, by, link)).code}`
}

export const inviteUser = (url: string, by: Person, room: string, user: string): Promise<void> =>
  call(url, 'PUT', `/rooms/${room}/invitations/${user}`, by)

export const takeRequests = (url: string, by: Person, room: string): Promise<void> =>
  call(url, 'PATCH', `/rooms/${room}`, by, { settings: { joinRequests: true } })

/** The address of a new invitation to the server. */
export async function serverInvite(url: string, by: Person, invite: object = {}): Promise<string> {
  return `${url}/invite/${(await call<ServerInvite>(url, 'POST', '/admin/invites', by, invite)).code}`
}

export const askToJoin = (url: string, by: Person, room: string, text: string): Promise<void> =>
  call(url, 'POST', `/rooms/${room}/join-requests`, by, { text })
