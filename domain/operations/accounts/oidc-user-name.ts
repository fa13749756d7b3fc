import { randomInt } from 'node:crypto'
import type { ProvenIdentity } from '../../../auth-plugin/index.ts'
import { isUserId, type UserId } from '../../../protocol/ids.ts'
import { MAX_NAME_LENGTH } from '../../../protocol/limits.ts'
import { cleanText } from '../../../protocol/text.ts'
import { localPart } from './find-user.ts'

const LONGEST = 32
/** Room for `-` and a number. */
const STEM = 26

/** Names to try one after the other for somebody from a provider: what he is called there, then with numbers ([OIDC3]). */
export function* userNamesFor({ username, email, displayName }: ProvenIdentity): Generator<UserId> {
  const wished = [username, email, displayName].flatMap((name) => toUserName(name) ?? [])
  const [name = 'user'] = wished
  if (isUserId(name)) yield name
  const stem = name.slice(0, STEM).replace(/[-_.]+$/, '')
  for (let i = 2; i < 10; i++) yield checked(`${stem}-${i}`)
  for (let i = 0; i < 20; i++) yield checked(`${stem}-${randomInt(10, 99_999)}`)
}

/** The letters of a name that user names are made of; `undefined` where too few are left. An address is cut at its @. */
function toUserName(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const name = (text.includes('@') ? localPart(text) : text)
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9_.-]+/g, '-')
    .replace(/^[-_.]+/, '')
    .slice(0, LONGEST)
    .replace(/[-_.]+$/, '')
  return isUserId(name) ? name : undefined
}

/** What others see at first: the name at the provider where it is one line of text, else the user name. */
export function displayNameFor({ displayName }: ProvenIdentity, user: UserId): string {
  const name = displayName === undefined ? undefined : cleanText(displayName)
  const isLine = name !== undefined && name.trim() !== '' && !/[\n\t]/.test(name) && name.length <= MAX_NAME_LENGTH
  return isLine ? name : user
}

function checked(name: string): UserId {
  if (!isUserId(name)) throw new RangeError('not a user name')
  return name
}
