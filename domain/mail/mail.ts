/** One letter, in plain text. */
export type Mail = { to: string; subject: string; text: string }

/** What carries letters away. */
export interface MailTransport {
  /** Resolves when the next server has taken it. Rejects with `MailRefused` when trying again is of no use. */
  send(mail: Mail): Promise<void>
  /** Nothing is sent any more. */
  close(): void
}

/** A letter that is never taken, such as one to a mailbox that does not exist. */
export class MailRefused extends Error {
  override readonly name = 'MailRefused'
  constructor(readonly responseCode: number | undefined) {
    super('the mail server refused a letter')
  }
}
