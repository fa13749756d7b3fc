/** Passwords of people: which may be chosen, and bcrypt hashes of them that are never made too many at a time. */
import { availableParallelism } from 'node:os'
import bcrypt from 'bcrypt'
import type { Refusal } from '../protocol/errors.ts'
import { PASSWORD_MAX_BYTES, PASSWORD_MIN_LENGTH } from '../protocol/limits.ts'
import { utf8Length } from '../protocol/text.ts'
import { isCommonPassword } from './common-passwords.ts'
import { createTurns } from './turns.ts'

export interface Passwords {
  /** Why a password may not be chosen (`weak_password`); `names`: of the user, what an attacker tries first. */
  check(password: string, names: readonly string[]): Refusal | undefined
  /** For a password that `check` let pass. Rejects with `unavailable` when too many wait already. */
  hash(password: string): Promise<string>
  /**
   * Whether it is the password of a hash. Without a hash (there is no such user) the answer is false and takes as
   * long. `admit` runs when the turn comes, before the work; what it throws is thrown.
   */
  verify(password: string, hash: string | undefined, admit?: () => Promise<void>): Promise<boolean>
  /** Whether a hash was made with another cost than hashes are made with now. */
  isOutdated(hash: string): boolean
}

/** Three at most, so that hashing never takes the last of the four threads of Node's pool. */
const AT_ONCE = Math.min(3, availableParallelism())
const WAITING_AT_MOST = 200

/** `cost`: of bcrypt; 12 takes about 180 ms. */
export function createPasswords(cost = 12): Passwords {
  const inTurn = createTurns(AT_ONCE, WAITING_AT_MOST)

  return {
    check: findWeakness,

    async hash(password) {
      return inTurn(() => bcrypt.hash(normalise(password), cost))
    },

    async verify(password, hash, admit) {
      return inTurn(async () => {
        await admit?.()
        // bcrypt stops reading at NUL and after 72 bytes; nobody could have chosen such a password.
        const possible = isPossible(normalise(password))
        const given = possible ? normalise(password) : ''
        const own = hash === undefined ? undefined : costOf(hash)
        const matches = await bcrypt.compare(given, own === undefined ? nobodysHash(cost) : (hash ?? ''))
        if (matches && possible && own !== undefined) return true
        // A cheaper hash is topped up to what a miss costs: 2^n + 2^n + 2^(n+1) + ... = 2^cost.
        for (let n = own ?? cost; n < cost; n++) {
          await bcrypt.compare(given, nobodysHash(n))
        }
        return false
      })
    },

    isOutdated: (hash) => costOf(hash) !== cost,
  }
}

/** A hash of the right form and of no password. */
const nobodysHash = (cost: number): string => `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`

/** `undefined` for what is no hash: of accounts that nobody signs in to with a password. */
function costOf(hash: string): number | undefined {
  const cost = /^\$2[aby]\$(\d\d)\$/.exec(hash)?.[1]
  return cost === undefined ? undefined : Number(cost)
}

/** The same password typed on two keyboards may come composed or not. */
const normalise = (password: string): string => password.normalize('NFC')

/** Without NUL and halves of surrogate pairs. */
const isReadable = (password: string): boolean => !password.includes('\0') && !/\p{Surrogate}/u.test(password)

const isPossible = (password: string): boolean => isReadable(password) && utf8Length(password) <= PASSWORD_MAX_BYTES

function findWeakness(raw: string, names: readonly string[]): Refusal | undefined {
  const password = normalise(raw)
  if (!isReadable(password)) return weak('The password has characters that cannot be used.')
  if ([...password].length < PASSWORD_MIN_LENGTH) {
    return weak(`Choose a password of at least ${PASSWORD_MIN_LENGTH} characters.`)
  }
  if (utf8Length(password) > PASSWORD_MAX_BYTES) {
    return weak(`Choose a password of at most ${PASSWORD_MAX_BYTES} bytes; it would not be read to its end.`)
  }
  if (isCommonPassword(password)) return weak('Many people use this password; choose another one.')
  if (names.some((name) => isMostlyName(password, name))) return weak('The password is little more than your name.')
  return undefined
}

const weak = (message: string): Refusal => ({ code: 'weak_password', message })

function isMostlyName(password: string, name: string): boolean {
  const plain = name.normalize('NFC').toLowerCase()
  if (plain.length < 2) return false
  const rest = password.toLowerCase().replaceAll(plain, '')
  return rest.length < password.length && rest.length < 6
}
