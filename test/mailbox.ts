/** A real mail server that delivers to the test: what is sent to it can be read, and it refuses what it is told to. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export type Letter = { to: string; from: string; subject: string; text: string }

export interface Mailbox {
  /** For SMTP_URL. */
  url: string
  /** Everything that was taken, in order. */
  letters: Letter[]
  /** The next letter to an address that nobody has waited for yet; now or later. */
  next(to: string): Promise<Letter>
  /** Every recipient is answered with this code from now on; undefined: taken again. */
  refuse(code: number | undefined): void
  /** How often a recipient was refused. */
  refused(to: string): number
  close(): Promise<void>
}

export async function openMailbox(): Promise<Mailbox> {
  const letters: Letter[] = []
  const unread: Letter[] = []
  const waiting = new Set<() => void>()
  let code: number | undefined
  const refused = new Map<string, number>()
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo({ address }, _session, done) {
      if (code === undefined) return done()
      refused.set(address, (refused.get(address) ?? 0) + 1)
      done(Object.assign(new Error('not now'), { responseCode: code }))
      for (const look of [...waiting]) look()
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const letter = readLetter(Buffer.concat(chunks).toString('utf8'), session.envelope.rcptTo[0]?.address ?? '')
        done()
        letters.push(letter)
        unread.push(letter)
        for (const look of [...waiting]) look()
      })
    },
  })
  server.on('error', () => undefined) // a client that hangs up in the middle
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo

  return {
    url: `smtp://127.0.0.1:${port}`,
    letters,
    next: (to) =>
      new Promise((resolve) => {
        const look = () => {
          const index = unread.findIndex((letter) => letter.to === to)
          const [letter] = index < 0 ? [] : unread.splice(index, 1)
          if (letter === undefined) return
          waiting.delete(look)
          resolve(letter)
        }
        waiting.add(look)
        look()
      }),
    refuse(next) {
      code = next
    },
    refused: (to) => refused.get(to) ?? 0,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** The parts of a message that we look at; long lines come folded or quoted. */
function readLetter(raw: string, to: string): Letter {
  const [head = '', ...rest] = raw.split('\r\n\r\n')
  const headers = head.replace(/\r\n[ \t]+/g, ' ')
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(headers)?.[1] ?? ''
  const body = rest.join('\n\n').replace(/\r\n/g, '\n')
  const quoted = /quoted-printable/i.test(header('Content-Transfer-Encoding'))
  const text = quoted
    ? body.replace(/=\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number(`0x${hex}`)))
    : body
  return { to, from: header('From'), subject: header('Subject'), text }
}

/** The address of the one link in a letter, and the secret at its end. */
export function linkIn(letter: Letter): { link: string; token: string } {
  const link = /^https?:\/\/\S+\/(?:verify|reset)\/(\S+)$/m.exec(letter.text)
  if (link?.[1] === undefined) throw new Error(`no link in: ${letter.text}`)
  return { link: link[0], token: link[1] }
}
