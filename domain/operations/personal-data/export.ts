import { createHash, randomBytes } from 'node:crypto'
import type { Writable } from 'node:stream'
import { type ExportTicket, exportInput } from '../../../protocol/http/personal-data.ts'
import type { UserId } from '../../../protocol/ids.ts'
import { proveAgain } from '../accounts/second-factor-proof.ts'
import { defineOperation } from '../table.ts'
import type { PersonalDataDeps } from './deps.ts'
import { writeExport } from './write-export.ts'

const TICKET_SECONDS = 60

/** Asks for my data ([PD2]): a browser fetches the file itself, and cannot send a header with that. */
export function exportOperation(deps: PersonalDataDeps) {
  const { store, clock } = deps
  return defineOperation({
    name: 'export',
    summary: 'A ticket, good once and for a minute, for everything that is kept about me: GET /api/me/export/{ticket}',
    input: exportInput,
    access: 'session',
    http: { method: 'POST', path: '/api/me/export', status: 201 },
    mqtt: false,
    limit: 'exports',
    async handle({ password }, caller): Promise<ExportTicket> {
      const { user } = caller.session
      await proveAgain({ ...deps, accounts: store.accounts, audit: store.audit }, password, caller)
      const ticket = randomBytes(32).toString('base64url')
      const at = clock.now()
      await store.personalData.issueTicket({ hash: hashOf(ticket), user, expiresAt: at + TICKET_SECONDS * 1000 })
      await store.audit.append({ at, action: 'data-exported', actor: user, subject: user })
      return { ticket, expiresIn: TICKET_SECONDS }
    },
  })
}

/** The export that a ticket stands for. */
export type OpenedExport = { user: UserId; at: number; write(output: Writable): Promise<void> }
/** `undefined` for a ticket that is not good, or not any more. */
export type OpenExport = (ticket: string) => Promise<OpenedExport | undefined>

export function createOpenExport({ store, clock }: Pick<PersonalDataDeps, 'store' | 'clock'>): OpenExport {
  return async (ticket) => {
    const at = clock.now()
    const user = await store.personalData.redeemTicket(hashOf(ticket), at)
    return user && { user, at, write: (output) => writeExport(store, user, output, at) }
  }
}

const hashOf = (ticket: string): string => createHash('sha256').update(ticket).digest('base64url')
