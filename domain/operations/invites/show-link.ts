import type { InviteLink } from '../../../protocol/http/invites.ts'
import type { User } from '../../../protocol/http.ts'
import type { InviteEntry } from '../../../store/index.ts'
import type { InviteDeps } from './deps.ts'

type Shown = Omit<InviteLink, 'role' | 'by'>

/** A link as those see it who may copy it. */
export function showLink({ codes, origin }: Pick<InviteDeps, 'codes' | 'origin'>, link: InviteEntry): Shown {
  const code = codes.open(link.sealed, link.id)
  return {
    id: link.id,
    ...(code !== undefined && { code, url: linkUrl(origin(), code) }),
    used: link.used,
    uses: link.uses,
    createdAt: link.createdAt,
    expiresAt: link.expiresAt,
  }
}

export const linkUrl = (origin: string, code: string): string => `${origin.replace(/\/$/, '')}/invite/${code}`

/** Who made a link; absent for the operator at the command line. */
export const makerOf = ({ by, byName }: InviteEntry): { by?: User } =>
  by === undefined ? {} : { by: { id: by, displayName: byName ?? by } }
