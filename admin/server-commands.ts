import { linkUrl, makeServerInvite } from '../domain/index.ts'
import { AUDIT_ACTIONS, type AuditAction, type AuditRecord } from '../protocol/audit.ts'
import type { ServerRole } from '../protocol/server-role.ts'
import { type Command, moment, readCount, readUser, UsageError } from './command.ts'

const DAY_SECONDS = 86_400

const setRole = (summary: string, role: ServerRole | null): Command => ({
  usage: 'USER',
  summary,
  words: [1, 1],
  async run({ acts }, [word]) {
    const user = readUser(word)
    await acts.setRole(user, role)
    return [role === null ? `${user} has no role on the server.` : `${user} is ${role} of the server.`]
  },
})

function readFilter(only: string | undefined): { only?: 'roles' | 'suspended' } {
  if (only === undefined) return {}
  if (only === 'roles' || only === 'suspended') return { only }
  throw new UsageError('--only: roles or suspended')
}

const listUsers: Command = {
  usage: '[BEGINNING] [--only roles|suspended]',
  summary: 'Accounts, with their role and state; at most 500',
  options: { only: 'value' },
  words: [0, 1],
  async run({ store, now }, [text = ''], { only }) {
    const users = await store.administration.overview.users({ text, limit: 500, at: now(), ...readFilter(only) })
    return users.map(({ id, role, suspension, sessions, createdAt, lastSeenAt }) =>
      [
        id.padEnd(32),
        `made ${moment(createdAt)}`,
        lastSeenAt === undefined ? 'never seen           ' : `seen ${moment(lastSeenAt)}`,
        `${sessions} sessions`,
        ...(role === undefined ? [] : [role]),
        ...(suspension === undefined ? [] : [`suspended: ${JSON.stringify(suspension.reason)}`]),
      ].join('  '),
    )
  },
}

const invite: Command = {
  usage: '[--days N] [--uses N] [--note TEXT]',
  summary: 'Show a link by which strangers may make an account',
  options: { days: 'value', uses: 'value', note: 'value' },
  words: [0, 0],
  async run({ store, auth, now, origin }, _words, { days, uses, note }) {
    const { code } = await makeServerInvite(
      { store, codes: auth.inviteCodes, now },
      {
        ...(days !== undefined && { expiresIn: readCount('days', days, 3_650) * DAY_SECONDS }),
        ...(uses !== undefined && { uses: readCount('uses', uses, 1_000) }),
        ...(note !== undefined && { note }),
      },
    )
    return [linkUrl(origin, code)]
  },
}

const rotateSigningKey: Command = {
  usage: '',
  summary: 'Sign tokens with a new key from now on; nobody is signed out',
  words: [0, 0],
  async run({ acts }) {
    await acts.rotateSigningKey()
    return ['There is a new signing key.']
  },
}

const isAction = (text: string): text is AuditAction => (AUDIT_ACTIONS as readonly string[]).includes(text)

const audit: Command = {
  usage: '[--limit N] [--action ACTION] [--user USER]',
  summary: 'Who did what, the latest first',
  options: { limit: 'value', action: 'value', user: 'value' },
  words: [0, 0],
  async run({ store }, _words, { limit = '50', action, user }) {
    if (action !== undefined && !isAction(action)) throw new UsageError(`--action: one of ${AUDIT_ACTIONS.join(', ')}`)
    const found = await store.audit.list({
      limit: readCount('limit', limit, 10_000),
      ...(action !== undefined && { action }),
      ...(user !== undefined && { about: readUser(user) }),
    })
    return found.map(auditLine)
  },
}

function auditLine({ at, actor, action, subject, room, details }: AuditRecord): string {
  return [
    moment(at),
    (actor ?? '-').padEnd(16),
    action,
    ...(subject === undefined ? [] : [`of ${subject}`]),
    ...(room === undefined ? [] : [`in ${room}`]),
    ...(details === undefined ? [] : [JSON.stringify(details)]),
  ].join('  ')
}

export const serverCommands: Readonly<Record<string, Command>> = {
  'list-users': listUsers,
  'make-owner': setRole('Give the whole server to a user', 'owner'),
  'make-moderator': setRole('Let a user see reports and suspend people', 'moderator'),
  'remove-role': setRole('Take the role on the server from a user', null),
  'rotate-signing-key': rotateSigningKey,
  invite,
  audit,
}
