import { isUserId, type UserId } from '../protocol/ids.ts'
import type { Office } from './open-office.ts'

/** What is wrong with what was typed. */
export class UsageError extends Error {}

/** `--name value` by name; a flag without a value is ''. */
export type Options = Readonly<Record<string, string | undefined>>

export type Command = {
  /** After the name of the command: `USER [--days N]`. */
  usage: string
  summary: string
  /** Options and whether they have a value. */
  options?: Readonly<Record<string, 'value' | 'flag'>>
  /** How many words there may be, at least and at most. */
  words: readonly [number, number]
  /** What it prints goes to standard output and nowhere else; it is no log. */
  run(office: Office, words: readonly string[], options: Options): Promise<string[]>
}

/** A user name; whether there is such a user is the business of the command. */
export function readUser(word: string | undefined): UserId {
  if (isUserId(word)) return word
  throw new UsageError(`${JSON.stringify(word ?? '')} is no user name.`)
}

export function readCount(name: string, text: string, most: number): number {
  const count = Number(text)
  if (Number.isSafeInteger(count) && count >= 1 && count <= most) return count
  throw new UsageError(`--${name}: a whole number from 1 to ${most}`)
}

/** 2026-11-21 15:45, in UTC. */
export const moment = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ')
