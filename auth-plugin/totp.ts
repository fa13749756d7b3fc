/** Codes of authenticator apps (RFC 6238: SHA-1, 6 digits, 30 seconds), the secrets encrypted wherever they are kept. */
import { Secret, TOTP } from 'otpauth'
import type { UserId } from '../protocol/ids.ts'
import { decrypt, deriveKey, encrypt } from './secrets.ts'

export interface TotpCodes {
  /**
   * A new secret: as the person types it, as an app reads it from a picture, and sealed, as it is kept. `host`: what
   * the app calls this server.
   */
  create(user: UserId, host: string): { secret: string; uri: string; sealed: string }
  /**
   * The step of thirty seconds that a code belongs to, at this time (ms since 1970) or one step before or after;
   * `undefined` when it is no code of that time. Whether the step was spent is the caller's question.
   */
  stepOf(user: UserId, sealed: string, code: string, at: number): number | undefined
}

const SECRET_BYTES = 20
const STEP_SECONDS = 30
const DRIFT_STEPS = 1
const KIND = { algorithm: 'SHA1', digits: 6, period: STEP_SECONDS } as const

/** Six digits, as they are or in two groups. */
const CODE = /^\d{3} ?\d{3}$/
export const isTotpCode = (text: string): boolean => CODE.test(text.trim())

export function createTotpCodes(secretKey: Uint8Array): TotpCodes {
  const sealingKey = deriveKey(secretKey, 'second factor secrets')
  return {
    create(user, host) {
      const secret = new Secret({ size: SECRET_BYTES })
      const issuer = host === '' ? 'Tidings' : `Tidings ${host}`
      const totp = new TOTP({ ...KIND, issuer, label: user, secret })
      return { secret: secret.base32, uri: totp.toString(), sealed: encrypt(sealingKey, secret.base32, user) }
    },

    stepOf(user, sealed, code, at) {
      if (!isTotpCode(code)) return undefined
      const secret = Secret.fromBase32(decrypt(sealingKey, sealed, user))
      const token = code.replaceAll(' ', '')
      const drift = new TOTP({ ...KIND, secret }).validate({ token, timestamp: at, window: DRIFT_STEPS })
      return drift === null ? undefined : Math.floor(at / 1000 / STEP_SECONDS) + drift
    },
  }
}
