/** What the settings do with the second factor, and the shapes of it. */

import { ChatError } from '../../../protocol/errors.ts'
import type { NewRecoveryCodes, NewTotp, PasskeyInfo, SecondFactorInfo } from '../../../protocol/http/second-factor.ts'
import type { Entrance } from './entrance.ts'
import type { PasskeyBrowser } from './passkey-browser.ts'

export type { NewTotp, PasskeyInfo, SecondFactorInfo }

/** All reject with ChatError. `password`: where the server asked for it once more (`needsPassword`). */
export interface SecondFactor {
  show(): Promise<SecondFactorInfo>
  beginTotp(password?: string): Promise<NewTotp>
  /** Answers the recovery codes. */
  confirmTotp(otp: string): Promise<string[]>
  /** Whether the account has a password; removing the app takes it. */
  hasPassword(): Promise<boolean>
  removeTotp(otp: string, password?: string): Promise<void>
  newRecoveryCodes(password?: string): Promise<string[]>
  listPasskeys(): Promise<PasskeyInfo[]>
  /** Answers recovery codes when this is the first second factor. */
  addPasskey(name: string, password?: string): Promise<string[] | undefined>
  renamePasskey(id: string, name: string): Promise<void>
  removePasskey(id: string, password?: string): Promise<void>
}

export function createSecondFactor(call: Entrance['call'], passkeys: PasskeyBrowser): SecondFactor {
  const codesOf = ({ recoveryCodes }: NewRecoveryCodes): string[] => recoveryCodes
  const given = (password: string | undefined) => (password === undefined ? {} : { password })
  return {
    show: () => call('GET', '/me/second-factor'),
    beginTotp: (password) => call('POST', '/me/second-factor/totp', given(password)),
    confirmTotp: (otp) => call<NewRecoveryCodes>('POST', '/me/second-factor/totp/confirm', { otp }).then(codesOf),
    hasPassword: () => call<{ password: boolean }>('GET', '/me/identities').then((answer) => answer.password),
    removeTotp: (otp, password) => call('POST', '/me/second-factor/totp/remove', { otp, ...given(password) }),
    newRecoveryCodes: (password) =>
      call<NewRecoveryCodes>('POST', '/me/second-factor/recovery-codes', given(password)).then(codesOf),
    listPasskeys: () => call<{ passkeys: PasskeyInfo[] }>('GET', '/me/passkeys').then((answer) => answer.passkeys),
    async addPasskey(name, password) {
      const credential = await passkeys.create(await call('POST', '/me/passkeys/options', given(password)))
      return (await call<Partial<NewRecoveryCodes>>('POST', '/me/passkeys', { name, credential })).recoveryCodes
    },
    renamePasskey: (id, name) => call('PATCH', `/me/passkeys/${id}`, { name }),
    removePasskey: (id, password) => call('POST', `/me/passkeys/${id}/remove`, given(password)),
  }
}

/** Whether the server wants the password before it does this. */
export function needsPassword(error: unknown): boolean {
  if (!(error instanceof ChatError) || error.code !== 'invalid_credentials') return false
  return (error.details as { needed?: string } | undefined)?.needed === 'password'
}
