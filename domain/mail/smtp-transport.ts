import { createTransport } from 'nodemailer'
import { type Mail, MailRefused, type MailTransport } from './mail.ts'

const CONNECT_MS = 10_000
const ANSWER_MS = 20_000

/**
 * Hands letters to an SMTP server: `smtp://user:password@host:587` (STARTTLS where the server has it, and always
 * before a password is sent) or `smtps://...:465`. `from`: such as `Tidings <chat@example.org>`.
 */
export function createSmtpTransport({ url, from }: { url: string; from: string }): MailTransport {
  const transport = createTransport(
    {
      url,
      requireTLS: new URL(url).username !== '',
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      socketTimeout: ANSWER_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    // Whatever answers letters by itself (out of office) is asked not to.
    { from, headers: { 'Auto-Submitted': 'auto-generated' } },
  )
  return {
    async send({ to, subject, text }: Mail) {
      try {
        await transport.sendMail({ to: { name: '', address: to }, subject, text })
      } catch (error) {
        throw refusalOf(error) ?? error
      }
    },
    close: () => transport.close(),
  }
}

/** A 5xx of the server about this letter; what is wrong with signing in to it may be mended meanwhile. */
function refusalOf(error: unknown): MailRefused | undefined {
  const { responseCode, code } = error as { responseCode?: number; code?: string }
  const final = code !== 'EAUTH' && responseCode !== undefined && responseCode >= 500
  return final ? new MailRefused(responseCode) : undefined
}
