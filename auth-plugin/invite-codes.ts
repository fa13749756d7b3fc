/** Codes of invite links: found by their hash, shown again to those who may copy them. */
import { decrypt, deriveKey, encrypt, randomText, sha256 } from './secrets.ts'

const CODE_BYTES = 16

export interface InviteCodes {
  /** A new code for the link of this id, with what is to be stored of it: `hash` to find it, `sealed` to read it. */
  make(id: string): { code: string; hash: string; sealed: string }
  hashOf(code: string): string
  /** `undefined` when it was sealed with another secret key. */
  open(sealed: string, id: string): string | undefined
}

export function createInviteCodes(secretKey: Uint8Array): InviteCodes {
  const key = deriveKey(secretKey, 'invite codes')
  return {
    make(id) {
      const code = randomText(CODE_BYTES)
      return { code, hash: sha256(code), sealed: encrypt(key, code, id) }
    },
    hashOf: sha256,
    open(sealed, id) {
      try {
        return decrypt(key, sealed, id)
      } catch {
        return undefined // another secret key: the link goes on working, but nobody can copy it
      }
    },
  }
}
