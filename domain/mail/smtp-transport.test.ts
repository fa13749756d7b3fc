import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { expect, test } from 'vitest'
import { openMailbox } from '../../test/mailbox.ts'
import { MailRefused } from './mail.ts'
import { createSmtpTransport } from './smtp-transport.ts'

const mail = { to: 'ana@example.org', subject: 'Hello', text: 'One line.\n\nhttps://chat.example/verify/abc\n' }
const from = 'Tidings <chat@example.org>'

test('[MAIL6] a letter arrives as it was written; one that is never taken says so', async () => {
  const mailbox = await openMailbox()
  const transport = createSmtpTransport({ url: mailbox.url, from })
  await transport.send(mail)
  expect(await mailbox.next(mail.to)).toEqual({ ...mail, from, text: expect.stringContaining(mail.text.trim()) })
  mailbox.refuse(451)
  await expect(transport.send(mail)).rejects.not.toBeInstanceOf(MailRefused)
  mailbox.refuse(550)
  await expect(transport.send(mail)).rejects.toMatchObject({ name: 'MailRefused', responseCode: 550 })
  mailbox.refuse(undefined)
  // What looks like more than one recipient or header stays one address, or is not sent.
  await transport.send({ ...mail, to: 'a@example.org, b@example.org' }).catch(() => undefined)
  expect(mailbox.letters.filter(({ to }) => to === 'b@example.org' || to === 'a@example.org')).toEqual([])
  transport.close()
  await mailbox.close()
  await expect(transport.send(mail)).rejects.not.toBeInstanceOf(MailRefused)
})

test('[MAIL6] a password is never sent in the clear, whatever the server offers', async () => {
  const passwords: unknown[] = []
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth(credentials, _session, done) {
      passwords.push(credentials.password)
      done(null, { user: 'chat' })
    },
    onData(stream, _session, done) {
      stream.resume().on('end', () => done())
    },
  })
  server.on('error', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  const transport = createSmtpTransport({ url: `smtp://chat:secret@127.0.0.1:${port}`, from })
  await expect(transport.send(mail)).rejects.toThrow()
  expect(passwords).toEqual([])
  transport.close()
  await new Promise<void>((resolve) => server.close(() => resolve()))
})
