import { randomInt } from 'node:crypto'
import { isRoomId, type RoomId } from '../../../protocol/ids.ts'

const LETTERS = '0123456789abcdefghijklmnopqrstuvwxyz'
/** Leaves room for a suffix in the 40 characters of a room id. */
const SLUG_LENGTH = 30

/** An id that says nothing and cannot be guessed: for private and direct rooms. */
export function randomRoomId(): RoomId {
  return toRoomId(randomLetters(16))
}

/** `Caf\u00e9 & Bar` becomes `cafe-bar`; with `unique`, a random suffix follows. Names without letters give a random id. */
export function roomIdFromName(name: string, unique: boolean): RoomId {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_LENGTH)
    .replace(/^-|-$/g, '')
  if (slug === '') return randomRoomId()
  return toRoomId(unique ? `${slug}-${randomLetters(5)}` : slug)
}

const randomLetters = (length: number): string =>
  Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('')

function toRoomId(text: string): RoomId {
  if (!isRoomId(text)) throw new Error(`not a room id: ${text}`)
  return text
}
