/** Keys for one purpose each, all made from the secret key of the installation; and what is made with them. */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

/** Hash of a secret that is random enough not to need salt: how tokens are kept. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')

/** So many random bytes as URL-safe text. */
export const randomText = (bytes: number): string => randomBytes(bytes).toString('base64url')

export function deriveKey(secretKey: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secretKey, new Uint8Array(0), `tidings ${purpose}`, 32))
}

/** Keyed hash: only who has the key can make or check it. */
export const tag = (key: Uint8Array, text: string): string => createHmac('sha256', key).update(text).digest('base64url')

/** Compares without telling by its duration where the difference is. */
export function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

const NONCE_BYTES = 12
const MAC_BYTES = 16

/** AES-256-GCM; `about` is bound to the text without being in it. */
export function encrypt(key: Uint8Array, text: string, about: string): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(about))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')
}

/** The reverse of `encrypt`; throws when the key, the text or `about` is another one. */
export function decrypt(key: Uint8Array, sealed: string, about: string): string {
  const bytes = Buffer.from(sealed, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
    .setAAD(Buffer.from(about))
    .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + MAC_BYTES))
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + MAC_BYTES)), decipher.final()]).toString('utf8')
}
