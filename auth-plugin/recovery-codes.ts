/** Codes on paper for the day on which the second factor is lost. Kept as keyed hashes: a copy of the database opens nothing. */
import { randomInt } from 'node:crypto'
import type { UserId } from '../protocol/ids.ts'
import { deriveKey, tag } from './secrets.ts'

export interface RecoveryCodeMaker {
  /** Ten new ones, as the person sees them this once, and their hashes. */
  create(user: UserId): { codes: string[]; hashes: string[] }
  /** By which a code is found again, however it was typed; `undefined` for what cannot be one. */
  hash(user: UserId, code: string): string | undefined
}

const CODES = 10
/** Nobody mistakes one of these for another; twelve of them are 58 bits. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'
const GROUPS = 3
const GROUP = 4

export function createRecoveryCodeMaker(secretKey: Uint8Array): RecoveryCodeMaker {
  const key = deriveKey(secretKey, 'recovery codes')
  const hash = (user: UserId, plain: string): string => tag(key, `${user} ${plain}`)
  return {
    create(user) {
      const plain = Array.from({ length: CODES }, randomCode)
      return { codes: plain.map(inGroups), hashes: plain.map((code) => hash(user, code)) }
    },
    hash(user, code) {
      if (code.length > 64) return undefined
      const plain = code.toLowerCase().replaceAll(/[\s-]/g, '')
      return plain.length === GROUPS * GROUP ? hash(user, plain) : undefined
    },
  }
}

const randomCode = (): string =>
  Array.from({ length: GROUPS * GROUP }, () => LETTERS[randomInt(LETTERS.length)]).join('')

const inGroups = (code: string): string => (code.match(/.{4}/g) ?? []).join('-')
