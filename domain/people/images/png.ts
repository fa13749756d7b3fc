import { crc32 } from 'node:zlib'
import type { CleanImage } from './image.ts'

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')
/** What draws the picture; text, times, profiles, EXIF and animation are left out. */
const KEPT = new Set(['IHDR', 'PLTE', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'IDAT', 'IEND'])
const HEADER_BYTES = 13

/** `undefined`: not a PNG from its first to its last chunk. What follows the last one is dropped. */
export function cleanPng(file: Buffer): CleanImage | undefined {
  if (!file.subarray(0, 8).equals(SIGNATURE)) return undefined
  const image: CleanImage = { parts: [SIGNATURE], width: 0, height: 0 }
  let hasData = false
  for (let at = 8; at + 12 <= file.length; ) {
    const length = file.readUInt32BE(at)
    const type = file.toString('latin1', at + 4, at + 8)
    const end = at + 12 + length
    if (end > file.length || file.readUInt32BE(end - 4) !== crc32(file.subarray(at + 4, end - 4))) return undefined
    if (at === 8) {
      if (type !== 'IHDR' || length !== HEADER_BYTES) return undefined
      image.width = file.readUInt32BE(at + 8)
      image.height = file.readUInt32BE(at + 12)
    } else if (type === 'IHDR') return undefined
    if (KEPT.has(type)) image.parts.push(file.subarray(at, end))
    hasData ||= type === 'IDAT'
    if (type === 'IEND') return hasData && length === 0 ? image : undefined
    at = end
  }
  return undefined
}
