import type { CleanImage } from './image.ts'

/** Of the flags of an extended file only this one may stay: the rest announces what is dropped. */
const HAS_ALPHA = 0x10

type Chunk = { type: string; data: Buffer }

/** `undefined`: not a still WebP. EXIF, XMP, profiles and what follows the end are dropped; animation is refused. */
export function cleanWebp(file: Buffer): CleanImage | undefined {
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WEBP') return undefined
  const end = 8 + file.readUInt32LE(4)
  const chunks = end > file.length ? undefined : readChunks(file.subarray(12, end))
  if (chunks === undefined || chunks.some(({ type }) => type === 'ANIM' || type === 'ANMF')) return undefined
  const pictures = chunks.filter(({ type }) => type === 'VP8 ' || type === 'VP8L')
  const [picture] = pictures
  const size = picture && sizeOf(picture)
  if (picture === undefined || size === undefined || pictures.length > 1) return undefined
  const [first] = chunks
  const extended = first?.type === 'VP8X' && first.data.length === 10 ? first.data : undefined
  const kept: Chunk[] = []
  if (extended !== undefined) {
    const header = Buffer.from(extended)
    header[0] = (extended[0] as number) & HAS_ALPHA
    kept.push({ type: 'VP8X', data: header }, ...chunks.filter(({ type }) => type === 'ALPH').slice(0, 1))
  }
  kept.push(picture)
  const canvas = extended && { width: 1 + extended.readUIntLE(4, 3), height: 1 + extended.readUIntLE(7, 3) }
  return {
    parts: writeFile(kept),
    width: Math.max(size.width, canvas?.width ?? 0),
    height: Math.max(size.height, canvas?.height ?? 0),
  }
}

function readChunks(body: Buffer): Chunk[] | undefined {
  const chunks: Chunk[] = []
  for (let at = 0; at + 8 <= body.length; ) {
    const length = body.readUInt32LE(at + 4)
    const end = at + 8 + length
    if (end > body.length) return undefined
    chunks.push({ type: body.toString('latin1', at, at + 4), data: body.subarray(at + 8, end) })
    at = end + (length % 2)
  }
  return chunks
}

function sizeOf({ type, data }: Chunk): { width: number; height: number } | undefined {
  if (type === 'VP8L') {
    if (data.length < 5 || data[0] !== 0x2f) return undefined
    const bits = data.readUInt32LE(1)
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) }
  }
  if (data.length < 10 || data.readUIntBE(3, 3) !== 0x9d012a) return undefined
  return { width: data.readUInt16LE(6) & 0x3fff, height: data.readUInt16LE(8) & 0x3fff }
}

function writeFile(chunks: readonly Chunk[]): Uint8Array[] {
  const parts = chunks.flatMap(({ type, data }) => {
    const head = Buffer.alloc(8)
    head.write(type, 'latin1')
    head.writeUInt32LE(data.length, 4)
    return [head, data, Buffer.alloc(data.length % 2)]
  })
  const head = Buffer.alloc(12)
  head.write('RIFF', 'latin1')
  head.writeUInt32LE(4 + parts.reduce((bytes, part) => bytes + part.length, 0), 4)
  head.write('WEBP', 8, 'latin1')
  return [head, ...parts]
}
