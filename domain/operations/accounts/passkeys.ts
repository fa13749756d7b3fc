/** Operations on one's own passkeys. */
import { createHash } from 'node:crypto'
import { ChatError } from '../../../protocol/errors.ts'
import {
  addPasskeyInput,
  type NewRecoveryCodes,
  type PasskeyInfo,
  proofInput,
  removePasskeyInput,
  renamePasskeyInput,
} from '../../../protocol/http/second-factor.ts'
import type { UserId } from '../../../protocol/ids.ts'
import type { PasskeyEntry } from '../../../store/index.ts'
import { noInput } from '../no-input.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../table.ts'
import type { AccountDeps } from './deps.ts'
import { ownOrigin, proveAgain } from './second-factor-proof.ts'

const PASSKEYS_PER_USER = 20

/** Credential ids may be long; in an address a passkey has a short one. */
const shortId = (credentialId: string): string => createHash('sha256').update(credentialId).digest('base64url')

const show = ({ id, name, createdAt, lastUsedAt }: PasskeyEntry): PasskeyInfo => ({
  id: shortId(id),
  name,
  createdAt,
  lastUsedAt,
})

export function createPasskeyOperations(deps: AccountDeps): Operation[] {
  const { accounts, audit, auth, clock } = deps
  const { passkeys, recoveryCodes } = auth.secondFactor

  async function find(user: UserId, id: string): Promise<PasskeyEntry> {
    const found = (await accounts.passkeys.list(user)).find((passkey) => shortId(passkey.id) === id)
    if (found === undefined) throw new ChatError('not_found')
    return found
  }

  const list = defineOperation({
    name: 'passkeys',
    summary: 'My passkeys',
    input: noInput,
    access: 'session',
    http: { method: 'GET', path: '/api/me/passkeys' },
    mqtt: true,
    async handle(_input, { session }): Promise<{ passkeys: PasskeyInfo[] }> {
      return { passkeys: (await accounts.passkeys.list(session.user)).map(show) }
    },
  })

  const options = defineOperation({
    name: 'passkey-options',
    summary: 'What to ask the browser for, to make a passkey',
    input: proofInput,
    access: 'session',
    http: { method: 'POST', path: '/api/me/passkeys/options' },
    mqtt: false,
    async handle({ password }, caller) {
      const origin = ownOrigin(caller)
      await proveAgain(deps, password, caller)
      const user = await accounts.users.get(caller.session.user)
      if (user === undefined) throw new ChatError('user_not_found')
      return passkeys.askToCreate(user, origin, await accounts.passkeys.list(user.id), clock.now())
    },
  })

  const add = defineOperation({
    name: 'add-passkey',
    summary: 'Keep a passkey that the browser has made; with the first second factor come recovery codes, this once',
    input: addPasskeyInput,
    access: 'session',
    http: { method: 'POST', path: '/api/me/passkeys', status: 201 },
    mqtt: false,
    async handle({ credential, name }, caller): Promise<PasskeyInfo & Partial<NewRecoveryCodes>> {
      const { user } = caller.session
      const at = clock.now()
      const { transports, ...response } = credential.response
      const answer = { ...credential, response: { ...response, ...(transports && { transports: known(transports) }) } }
      const made = await passkeys.checkCreated(user, ownOrigin(caller), answer, at)
      if (made === undefined || !(await accounts.secondFactor.spend(made.proof, at))) {
        throw new ChatError('invalid_request', { publicMessage: 'The passkey was not accepted; try again.' })
      }
      const entry = { ...made.passkey, name: name.normalize('NFC'), createdAt: at }
      const added = await accounts.passkeys.add(entry, PASSKEYS_PER_USER)
      if (added === 'taken') throw new ChatError('conflict', { publicMessage: 'This passkey is known already.' })
      if (added === 'full') {
        throw new ChatError('conflict', { publicMessage: `You have ${PASSKEYS_PER_USER} passkeys; remove one first.` })
      }
      const details = { kind: 'passkey' }
      await audit.append({ at, action: 'second-factor-added', actor: user, subject: user, details })
      const { codes, hashes } = recoveryCodes.create(user)
      const first = await accounts.recoveryCodes.putFirst(user, hashes)
      return { ...show({ ...entry, lastUsedAt: null }), ...(first && { recoveryCodes: codes }) }
    },
  })

  const rename = defineOperation({
    name: 'rename-passkey',
    summary: 'Call a passkey otherwise',
    input: renamePasskeyInput,
    access: 'session',
    http: { method: 'PATCH', path: '/api/me/passkeys/:passkey' },
    mqtt: false,
    async handle({ passkey: id, name }, { session: { user } }): Promise<PasskeyInfo> {
      const passkey = await find(user, id)
      const renamed = { ...passkey, name: name.normalize('NFC') }
      if (!(await accounts.passkeys.rename(user, passkey.id, renamed.name))) throw new ChatError('not_found')
      return show(renamed)
    },
  })

  const remove = defineOperation({
    name: 'remove-passkey',
    summary: 'Forget a passkey',
    input: removePasskeyInput,
    access: 'session',
    http: { method: 'POST', path: '/api/me/passkeys/:passkey/remove', status: 204 },
    mqtt: false,
    async handle({ passkey: id, password }, caller): Promise<void> {
      const { user } = caller.session
      await proveAgain(deps, password, caller)
      const passkey = await find(user, id)
      if (!(await accounts.passkeys.remove(user, passkey.id))) throw new ChatError('not_found')
      await accounts.secondFactor.dropIdleCodes(user)
      const details = { kind: 'passkey' }
      await audit.append({ at: clock.now(), action: 'second-factor-removed', actor: user, subject: user, details })
    },
  })

  return [list, options, add, rename, remove]
}

/** How the browser says that an authenticator is reached; what is no such word is left out. */
const TRANSPORTS = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'] as const
type Transport = (typeof TRANSPORTS)[number]
const known = (transports: readonly string[]): Transport[] => TRANSPORTS.filter((one) => transports.includes(one))
