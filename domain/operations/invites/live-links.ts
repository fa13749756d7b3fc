import { mayInRoom } from '../../../auth-plugin/index.ts'
import { ChatError, refusalError } from '../../../protocol/errors.ts'
import type { InviteEntry } from '../../../store/index.ts'
import type { Visitor } from '../table.ts'
import type { InviteDeps } from './deps.ts'

/** Finds links by their codes, and says whether they still work ([INV4], [INV7]). */
export interface LiveLinks {
  /** Dead ones too. Throws `invalid_link` for a code that nobody made, `rate_limited` for who tries too many. */
  find(code: string, who: Visitor): Promise<InviteEntry>
  /** Throws `invalid_link` unless the link works at this moment: not ended, not used up, its maker may invite. */
  requireLive(link: InviteEntry): Promise<void>
}

export function createLiveLinks(deps: InviteDeps): LiveLinks {
  const { store, access, codes, guesses, now, mayInviteToServer } = deps

  async function makerMayInvite({ by, room, role = 'member' }: InviteEntry): Promise<boolean> {
    if (room === undefined) return by === undefined || mayInviteToServer(by)
    if (by === undefined || (await store.accounts.suspensions.current(by, now())) !== undefined) return false
    return mayInRoom('invite', await access.standing(by, room), now(), { role }).ok
  }

  return {
    async find(code, { address, session }) {
      const who = { address, user: session?.user }
      const no = await guesses.check(who)
      if (no !== undefined) throw refusalError(no)
      const link = await store.invites.links.findByHash(codes.hashOf(code))
      if (link !== undefined) return link
      await guesses.failed(who)
      throw new ChatError('invalid_link')
    },
    async requireLive(link) {
      const isUsedUp = link.uses !== null && link.used >= link.uses
      const isOver = link.expiresAt !== null && link.expiresAt <= now()
      if (isUsedUp || isOver || !(await makerMayInvite(link))) throw new ChatError('invalid_link')
    },
  }
}
