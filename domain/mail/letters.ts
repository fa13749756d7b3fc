/** What the letters say. `site`: where people reach this server. */
import type { UserId } from '../../protocol/ids.ts'
import type { Mail } from './mail.ts'

type About = { to: string; user: UserId; site: string }

const nameOf = (site: string): string => new URL(site).host
const letter = ({ to, site }: About, subject: string, ...paragraphs: string[]): Mail => ({
  to,
  subject: `${subject} (${nameOf(site)})`,
  text: `${paragraphs.join('\n\n')}\n\n-- \nTidings at ${site}\n`,
})

export const verificationLetter = (about: About & { link: string }): Mail =>
  letter(
    about,
    'Is this your e-mail address?',
    `This address was given for the account @${about.user}. If it was you, open this link within 24 hours:`,
    about.link,
    'If it was not you, do nothing: without the link the address is not used.',
  )

export const resetLetter = (about: About & { link: string }): Mail =>
  letter(
    about,
    'Choose a new password',
    `Somebody, hopefully you, has forgotten the password of the account @${about.user}. This link lets you choose another one. It is good once, for 30 minutes:`,
    about.link,
    'If it was not you, do nothing: your password stays as it is.',
  )

export const passwordChangedLetter = (about: About): Mail =>
  letter(
    about,
    'Your password was changed',
    `The password of the account @${about.user} was changed, and its other sessions were signed out.`,
    `If it was not you, choose another one at once: ${about.site}/forgot`,
    'App tokens go on working. You see and revoke them in the settings.',
  )

/** To the address that was left. */
export const emailChangedLetter = (about: About): Mail =>
  letter(
    about,
    'Your e-mail address was changed',
    `This address is no longer that of the account @${about.user}. A forgotten password cannot be replaced with its help any more.`,
    'If it was not you, sign in, change your password and put the address back; if you cannot, ask whoever runs the server.',
  )
