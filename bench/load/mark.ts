/**
 * The mark that every benchmark message carries in its text, of fixed width so that it is read without searching:
 * `~` run (4 digits) microseconds (10) publisher (4) number (8), all decimal.
 */
export const MARK_BYTES = 27

const TILDE = 126
const RUN = 1
const STAMP = 5
const PUBLISHER = 15
const NUMBER = 19

/** The mark of message `number` (from 1) of a publisher; `stamp` in microseconds of the generator's clock. */
export function formatMark(run: number, stamp: number, publisher: number, number: number): string {
  return `~${digits(run, 4)}${digits(stamp, 10)}${digits(publisher, 4)}${digits(number, 8)}`
}

function digits(value: number, width: number): string {
  return String(Math.floor(value)).padStart(width, '0')
}

/** Finds and reads marks of one run. `read` answers false when the bytes hold none; the fields are those of the last one found. */
export class MarkReader {
  stamp = 0
  publisher = 0
  number = 0
  readonly #run: number
  #lastOffset = 0

  constructor(run: number) {
    this.#run = run
  }

  read(bytes: Buffer, start: number, end: number): boolean {
    let at = start + this.#lastOffset
    // Numbers before the mark grow by a digit now and then: only then it has moved.
    if (bytes[at] !== TILDE || at + MARK_BYTES > end) {
      at = bytes.indexOf(TILDE, start)
      if (at < 0 || at + MARK_BYTES > end) return false
      this.#lastOffset = at - start
    }
    if (readDigits(bytes, at + RUN, at + STAMP) !== this.#run) return false
    this.stamp = readDigits(bytes, at + STAMP, at + PUBLISHER)
    this.publisher = readDigits(bytes, at + PUBLISHER, at + NUMBER)
    this.number = readDigits(bytes, at + NUMBER, at + MARK_BYTES)
    return true
  }
}

/** The decimal number in these bytes; they are taken to be digits. */
export function readDigits(bytes: Buffer, start: number, end: number): number {
  let value = 0
  for (let at = start; at < end; at += 1) value = value * 10 + ((bytes[at] ?? 48) - 48)
  return value
}

const SEQ_KEY = Buffer.from('{"seq":')

/** The `seq` that an event of the product begins with; 0 when the payload does not begin so. */
export function readSeq(bytes: Buffer, start: number, end: number): number {
  for (let index = 0; index < SEQ_KEY.length; index += 1) if (bytes[start + index] !== SEQ_KEY[index]) return 0
  let value = 0
  for (let at = start + SEQ_KEY.length; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - 48
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  return value
}
