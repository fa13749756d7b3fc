/** What accounts have to do with mail: when a letter is written, to whom, and how often at most. */
import type { Refusal } from '../../../protocol/errors.ts'
import type { UserId } from '../../../protocol/ids.ts'
import type { Accounts } from '../../../store/index.ts'
import {
  createMailLimits,
  emailChangedLetter,
  type MailQueue,
  passwordChangedLetter,
  resetLetter,
  verificationLetter,
} from '../../mail/index.ts'
import { createResetLink, createVerificationLink, type LinkDeps } from './email-links.ts'

/** Every letter leaves in the background; where the server sends no mail, nothing happens. */
export interface AccountLetters {
  readonly enabled: boolean
  /** Counts a letter that an account wants to cause; `rate_limited` when they were too many. */
  mayAsk(user: UserId): Promise<Refusal | undefined>
  /** The link that proves an address. */
  verification(user: UserId, address: string): void
  /**
   * The link that replaces a forgotten password, to the verified address of whom `find` finds. `asked` hears of it when
   * there is one. Both are called later.
   */
  reset(find: () => Promise<UserId | undefined>, asked: (user: UserId) => Promise<void>): void
  /** To the verified address of a user. */
  passwordChanged(user: UserId): void
  /** To a verified address that is no longer that of the user. */
  emailChanged(user: UserId, address: string): void
}

export function createAccountLetters(
  deps: LinkDeps & { mail: MailQueue; accounts: Pick<Accounts, 'emails'> },
): AccountLetters {
  const { mail, accounts, origin } = deps
  const limits = createMailLimits()
  const verified = async (user: UserId): Promise<string | undefined> => {
    const email = await accounts.emails.get(user)
    return email?.verified ? email.address : undefined
  }

  return {
    enabled: mail.enabled,

    mayAsk: async (user) => (mail.enabled ? limits.ofAccount(user) : undefined),

    verification: (user, address) =>
      mail.post(async () => {
        // Not told to anybody: it may be full because of others.
        if ((await limits.ofMailbox(address)) !== undefined) return undefined
        const link = await createVerificationLink(deps, user, address)
        return verificationLetter({ to: address, user, site: origin(), link })
      }),

    reset: (find, asked) =>
      mail.post(async () => {
        const user = await find()
        const to = user && (await verified(user))
        if (user === undefined || to === undefined || (await limits.ofResets(user)) !== undefined) return undefined
        await asked(user)
        const link = await createResetLink(deps, user, to)
        return resetLetter({ to, user, site: origin(), link })
      }),

    passwordChanged: (user) =>
      mail.post(async () => {
        const to = await verified(user)
        return to === undefined ? undefined : passwordChangedLetter({ to, user, site: origin() })
      }),

    emailChanged: (user, address) => mail.post(async () => emailChangedLetter({ to: address, user, site: origin() })),
  }
}
