/** Unicode rules of the wire (SPEC.md, TXT1-TXT3). */

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this expression refuses
const FORBIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|[\ud800-\udfff]/u

// biome-ignore lint/suspicious/noControlCharactersInRegex: U+0000 is what this expression refuses
const UNSTORABLE = /\u0000|[\ud800-\udfff]/u

/** Text in NFC with \n line ends; `undefined` when it has control characters or a lone surrogate ([TXT1]). */
export function cleanText(raw: string): string | undefined {
  const text = raw.replaceAll('\r\n', '\n')
  return FORBIDDEN.test(text) ? undefined : text.normalize('NFC')
}

/** Length in UTF-8 bytes, without encoding. A lone surrogate counts as three, as its replacement would. */
export function utf8Length(text: string): number {
  let bytes = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) bytes += 1
    else if (unit < 0x800) bytes += 2
    else if (unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(text.charCodeAt(i + 1))) {
      bytes += 4
      i++
    } else bytes += 3
  }
  return bytes
}

const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff

/**
 * Whether a decoded JSON or CBOR value may be kept and passed on: at most `depth` levels deep, without U+0000 or lone
 * surrogates in any string or key (PostgreSQL refuses both), without `__proto__`, finite numbers only ([TXT3]).
 */
export function isCleanValue(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return !UNSTORABLE.test(value)
  if (typeof value === 'number') return Number.isFinite(value)
  if (value === null || typeof value === 'boolean') return true
  if (typeof value !== 'object' || ArrayBuffer.isView(value) || depth === 0) return false // CBOR bytes: JSON has none
  if (Array.isArray(value)) return value.every((item) => isCleanValue(item, depth - 1))
  return Object.entries(value).every(
    ([key, item]) => !UNSTORABLE.test(key) && key !== '__proto__' && isCleanValue(item, depth - 1),
  )
}
