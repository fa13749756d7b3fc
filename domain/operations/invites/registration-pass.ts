import type { Session } from '../../../auth-plugin/index.ts'
import { ChatError } from '../../../protocol/errors.ts'
import type { RoomId } from '../../../protocol/ids.ts'
import type { Visitor } from '../table.ts'
import type { InviteDeps } from './deps.ts'
import { createFollowLink } from './follow-link.ts'
import { createLiveLinks } from './live-links.ts'

/** A stranger's right to make one account ([INV11]). */
export interface RegistrationPass {
  /** Counts the use, right before the account is made. Throws `invalid_link` when others were faster. */
  use(): Promise<void>
  /** The account was not made, after all. */
  giveBack(): Promise<void>
  /** The account is made: joins the room that the link leads to. `undefined`: none, or it is not open any more. */
  follow(session: Session): Promise<RoomId | undefined>
}

/** Throws `registration_closed`, `invalid_link`, or `rate_limited` for who tries too many codes. */
export type AdmitStranger = (code: string | undefined, who: Visitor) => Promise<RegistrationPass>

const FREE: RegistrationPass = { use: async () => {}, giveBack: async () => {}, follow: async () => undefined }

export function createAdmitStranger(deps: InviteDeps): AdmitStranger {
  const { registration, store, now, mayInviteToServer } = deps
  const { links } = store.invites
  const live = createLiveLinks(deps)
  const followLink = createFollowLink(deps)

  return async (code, who) => {
    if (registration === 'closed') throw new ChatError('registration_closed')
    if (code === undefined) {
      if (registration === 'open') return FREE
      throw new ChatError('registration_closed', { publicMessage: 'An invitation is needed to register here.' })
    }
    const link = await live.find(code, who)
    await live.requireLive(link)
    const { id, room, by } = link
    if (registration === 'invite' && room !== undefined && !(by !== undefined && (await mayInviteToServer(by)))) {
      throw new ChatError('registration_closed', { publicMessage: 'This link is for people who have an account here.' })
    }
    return {
      async use() {
        if (!(await links.use(id, now()))) throw new ChatError('invalid_link')
      },
      giveBack: () => links.giveBack(id),
      async follow(session) {
        if (room === undefined) return undefined
        try {
          await followLink(session, link, 'counted')
          return room
        } catch (error) {
          // The account stands, whatever became of the room in this moment.
          if (error instanceof ChatError) return undefined
          throw error
        }
      },
    }
  }
}
