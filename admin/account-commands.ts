import { randomBytes } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { createResetLink, writeExport } from '../domain/index.ts'
import { ChatError } from '../protocol/errors.ts'
import type { UserId } from '../protocol/ids.ts'
import { type Command, moment, readCount, readUser, UsageError } from './command.ts'
import type { Office } from './open-office.ts'

const DAY_MS = 86_400_000

async function requireUser({ store }: Office, user: UserId): Promise<void> {
  if ((await store.accounts.users.get(user)) === undefined) throw new ChatError('user_not_found')
}

/** Letters and digits that are told apart in any script, 24 of them: more than 120 bits. */
const newPassword = (): string => randomBytes(18).toString('base64url')

/** The first line of standard input. */
async function readPassword(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line
  throw new UsageError('There is no password on standard input.')
}

const createUser: Command = {
  usage: 'USER [--name TEXT] [--password-stdin]',
  summary: 'Make an account; the password is read from standard input, or made and shown once',
  options: { name: 'value', 'password-stdin': 'flag' },
  words: [1, 1],
  async run({ acts }, [word], { name, 'password-stdin': given }) {
    const id = readUser(word)
    const password = given === undefined ? newPassword() : await readPassword()
    await acts.createUser({ id, displayName: name ?? id, password })
    return [`${id} has an account.`, ...(given === undefined ? [`Password: ${password}`] : [])]
  },
}

const resetPassword: Command = {
  usage: 'USER [--password-stdin]',
  summary: 'Show a link by which the user chooses another password, or set the one on standard input',
  options: { 'password-stdin': 'flag' },
  words: [1, 1],
  async run(office, [word], { 'password-stdin': given }) {
    const user = readUser(word)
    if (given !== undefined) {
      await office.acts.setPassword(user, await readPassword())
      return [`${user} has another password, and every session has ended.`]
    }
    const clock = { now: office.now }
    const link = await createResetLink({ accounts: office.store.accounts, clock, origin: () => office.origin }, user)
    await office.store.audit.append({ at: office.now(), action: 'password-reset-asked', subject: user })
    return [link, 'It is good once, for 30 minutes.']
  },
}

const suspend: Command = {
  usage: 'USER --reason TEXT [--days N]',
  summary: 'Lock an account: sessions end, connections are closed, tokens are refused',
  options: { reason: 'value', days: 'value' },
  words: [1, 1],
  async run({ acts, now }, [word], { reason = '', days }) {
    const user = readUser(word)
    if (reason.trim() === '') throw new UsageError('--reason: why; the user is told')
    const until = days === undefined ? undefined : now() + readCount('days', days, 36_500) * DAY_MS
    await acts.suspend(user, { reason, ...(until !== undefined && { until }) })
    return [`${user} is suspended ${until === undefined ? 'until restored' : `until ${moment(until)} UTC`}.`]
  },
}

const restore: Command = {
  usage: 'USER',
  summary: 'End a suspension',
  words: [1, 1],
  async run({ acts }, [word]) {
    const user = readUser(word)
    await acts.restore(user).catch((error: unknown) => {
      if (error instanceof ChatError && error.code === 'not_found') throw new UsageError(`${user} is not suspended.`)
      throw error
    })
    return [`${user} is restored.`]
  },
}

const listSessions: Command = {
  usage: 'USER',
  summary: 'Where a user is signed in',
  words: [1, 1],
  async run(office, [word]) {
    const user = readUser(word)
    await requireUser(office, user)
    const sessions = await office.store.accounts.sessions.list(user, office.now())
    return sessions.map(({ createdAt, lastUsedAt, device, id }) => {
      return `${id}  since ${moment(createdAt)}  used ${moment(lastUsedAt)}  ${device || 'unnamed'}`
    })
  },
}

const endSessions: Command = {
  usage: 'USER',
  summary: 'Sign a user out everywhere; app tokens stay',
  words: [1, 1],
  async run({ acts }, [word]) {
    const user = readUser(word)
    return [`${await acts.endSessions(user)} sessions of ${user} ended.`]
  },
}

const removeSecondFactor: Command = {
  usage: 'USER',
  summary: 'Take away the app, passkeys and recovery codes of somebody who has lost them; the password stays',
  words: [1, 1],
  async run({ acts }, [word]) {
    const user = readUser(word)
    await acts.removeSecondFactor(user).catch((error: unknown) => {
      if (error instanceof ChatError && error.code === 'not_found')
        throw new UsageError(`${user} has no second factor.`)
      throw error
    })
    return [`${user} signs in with the password alone.`]
  },
}

const exportData: Command = {
  usage: 'USER [--to FILE]',
  summary: 'Write everything that is kept about a user to a ZIP file that only you can read',
  options: { to: 'value' },
  words: [1, 1],
  async run(office, [word], { to }) {
    const user = readUser(word)
    await requireUser(office, user)
    const file = to ?? `${user}-${new Date(office.now()).toISOString().slice(0, 10)}.zip`
    const handle = await open(file, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EEXIST' ? new UsageError(`${file} is there already.`) : error
    })
    try {
      await writeExport(office.store, user, handle.createWriteStream())
    } catch (error) {
      await rm(file, { force: true })
      throw error
    }
    await office.store.audit.append({ at: office.now(), action: 'data-exported', subject: user })
    return [file]
  },
}

export const accountCommands: Readonly<Record<string, Command>> = {
  'create-user': createUser,
  'reset-password': resetPassword,
  suspend,
  restore,
  'list-sessions': listSessions,
  'end-sessions': endSessions,
  'remove-second-factor': removeSecondFactor,
  export: exportData,
}
