/** Invitations to the server itself ([INV10]): made by its owners and moderators, and at the command line. */
import { randomBytes } from 'node:crypto'
import type { AuthPlugin, Session } from '../../../auth-plugin/index.ts'
import { ChatError } from '../../../protocol/errors.ts'
import { createServerInviteInput, type ServerInvite, serverInviteInput } from '../../../protocol/http/invites.ts'
import type { UserId } from '../../../protocol/ids.ts'
import { MAX_INVITES } from '../../../protocol/limits.ts'
import type { InviteEntry, Store } from '../../../store/index.ts'
import { noInput } from '../no-input.ts'
import type { Operation } from '../operation.ts'
import { cleanLine } from '../rooms/room-info.ts'
import { defineOperation } from '../table.ts'
import type { InviteDeps } from './deps.ts'
import { makerOf, showLink } from './show-link.ts'

/** `expiresIn` in seconds; without `by`: the operator at the command line. */
export type NewServerInvite = {
  by?: UserId | undefined
  note?: string | undefined
  expiresIn?: number | undefined
  uses?: number | undefined
}

type MakeDeps = { store: Pick<Store, 'invites' | 'audit'>; codes: AuthPlugin['inviteCodes']; now(): number }

/** Makes an invitation to the server; `code` is what the link ends with. Throws `conflict` when there are too many. */
export async function makeServerInvite(
  { store, codes, now }: MakeDeps,
  { by, note = '', expiresIn, uses }: NewServerInvite,
): Promise<{ link: InviteEntry; code: string }> {
  const createdAt = now()
  const id = randomBytes(9).toString('base64url')
  const { code, hash, sealed } = codes.make(id)
  const expiresAt = expiresIn === undefined ? null : createdAt + expiresIn * 1000
  const entry = { id, note: cleanLine(note), uses: uses ?? null, createdAt, expiresAt, sealed, ...(by && { by }) }
  if (!(await store.invites.links.create({ ...entry, hash }, MAX_INVITES))) {
    throw new ChatError('conflict', { publicMessage: `There are ${MAX_INVITES} invitations; revoke one first.` })
  }
  const details = { link: id, ...(uses && { uses }), ...(expiresAt !== null && { expiresAt }) }
  await store.audit.append({ at: createdAt, action: 'invite-made', ...(by && { actor: by }), details })
  return { link: { ...entry, used: 0 }, code }
}

export function createServerInviteOperations(deps: InviteDeps): Operation[] {
  const { store, now, mayInviteToServer } = deps
  const { links } = store.invites

  const show = (link: InviteEntry): ServerInvite => ({ ...showLink(deps, link), note: link.note, ...makerOf(link) })

  async function require({ user }: Session): Promise<void> {
    if (!(await mayInviteToServer(user))) throw new ChatError('forbidden')
  }

  const create = defineOperation({
    name: 'create-server-invite',
    summary: 'Invite strangers to this server.',
    input: createServerInviteInput,
    access: 'session',
    http: { method: 'POST', path: '/api/admin/invites', status: 201 },
    mqtt: true,
    async handle(input, { session }): Promise<ServerInvite> {
      await require(session)
      const by = session.user
      const [{ link }, maker] = await Promise.all([
        makeServerInvite(deps, { ...input, by }),
        store.accounts.users.get(by),
      ])
      return show({ ...link, ...(maker && { byName: maker.displayName }) })
    },
  })

  const list = defineOperation({
    name: 'server-invites',
    summary: 'The invitations to this server that have not ended.',
    input: noInput,
    access: 'session',
    http: { method: 'GET', path: '/api/admin/invites' },
    mqtt: true,
    async handle(_input, { session }): Promise<{ invites: ServerInvite[] }> {
      await require(session)
      return { invites: (await links.live(null, now())).map(show) }
    },
  })

  const revoke = defineOperation({
    name: 'revoke-server-invite',
    summary: 'End an invitation to this server.',
    input: serverInviteInput,
    access: 'session',
    http: { method: 'DELETE', path: '/api/admin/invites/:invite', status: 204 },
    mqtt: true,
    async handle({ invite }, { session }): Promise<void> {
      await require(session)
      if (!(await links.revoke(null, invite))) throw new ChatError('not_found')
      const details = { link: invite }
      await store.audit.append({ at: now(), action: 'invite-revoked', actor: session.user, details })
    },
  })

  return [create, list, revoke]
}
