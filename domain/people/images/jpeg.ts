import type { CleanImage } from './image.ts'

const [SOI, EOI, SOS, DHT, DQT, DRI, JFIF, ADOBE] = [0xd8, 0xd9, 0xda, 0xc4, 0xdb, 0xdd, 0xe0, 0xee]
/** Baseline, extended and progressive: what browsers draw. */
const FRAMES: readonly number[] = [0xc0, 0xc1, 0xc2]
const OTHER_FRAMES: readonly number[] = [0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]
/** A JFIF segment without a thumbnail; the Adobe segment, which says how colours are stored. */
const JFIF_BYTES = 16
const ADOBE_BYTES = 14

const isRestart = (marker: number): boolean => marker >= 0xd0 && marker <= 0xd7

/**
 * `undefined`: not a JPEG from its first to its last marker. EXIF (with the place and the way the camera was held), other
 * application segments, comments and what follows the end are dropped.
 */
export function cleanJpeg(file: Buffer): CleanImage | undefined {
  if (file.length < 4 || file[0] !== 0xff || file[1] !== SOI) return undefined
  const image: CleanImage = { parts: [file.subarray(0, 2)], width: 0, height: 0 }
  let hasScan = false
  for (let at = 2; at + 2 <= file.length; ) {
    if (file[at] !== 0xff) return undefined
    const marker = file[at + 1] as number
    if (marker === 0xff) {
      at++ // fill
      continue
    }
    if (marker === EOI) {
      image.parts.push(file.subarray(at, at + 2))
      return hasScan && image.width > 0 ? image : undefined
    }
    if (at + 4 > file.length || marker < 0xc0 || marker === SOI || isRestart(marker)) return undefined
    const length = file.readUInt16BE(at + 2)
    let end = at + 2 + length
    if (length < 2 || end > file.length || OTHER_FRAMES.includes(marker)) return undefined
    if (FRAMES.includes(marker)) {
      if (image.width > 0 || length < 8) return undefined
      image.height = file.readUInt16BE(at + 5)
      image.width = file.readUInt16BE(at + 7)
    }
    if (marker === SOS) {
      hasScan = true
      end = endOfScan(file, end)
    }
    if (isKept(file, at, marker, length)) image.parts.push(file.subarray(at, end))
    at = end
  }
  return undefined
}

function isKept(file: Buffer, at: number, marker: number, length: number): boolean {
  if (marker === JFIF) return length === JFIF_BYTES && file.toString('latin1', at + 4, at + 9) === 'JFIF\0'
  if (marker === ADOBE) return length === ADOBE_BYTES && file.toString('latin1', at + 4, at + 9) === 'Adobe'
  return FRAMES.includes(marker) || [SOS, DHT, DQT, DRI].includes(marker)
}

/** The place of the marker that ends the coded data: a 0xff that neither is a coded one (0xff00) nor restarts. */
function endOfScan(file: Buffer, start: number): number {
  for (let at = file.indexOf(0xff, start); at >= 0; at = file.indexOf(0xff, at + 2)) {
    const next = file[at + 1]
    if (next === undefined) return file.length
    if (next === 0xff) at--
    else if (next !== 0 && !isRestart(next)) return at
  }
  return file.length
}
