import { crc32, deflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { ChatError } from '../../../protocol/errors.ts'
import { cleanImage, type ImageType } from './clean-image.ts'

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [head, foot] = [Buffer.alloc(4), Buffer.alloc(4)]
  head.writeUInt32BE(data.length)
  foot.writeUInt32BE(crc32(body))
  return Buffer.concat([head, body, foot])
}

function png(width: number, height: number, ...more: Buffer[]): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  header[8] = 8
  const data = chunk('IDAT', deflateSync(Buffer.alloc(16)))
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), ...more, data, chunk('IEND', Buffer.alloc(0))])
}

function segment(marker: number, data: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(data.length + 2, 2)
  return Buffer.concat([head, data])
}

const EXIF = segment(0xe1, Buffer.from('Exif\0\0 41.9 N 12.5 E'))
function jpeg(width: number, height: number, ...more: Buffer[]): Buffer {
  const frame = Buffer.from([8, 0, 0, 0, 0, 1, 1, 0x11, 0])
  frame.writeUInt16BE(height, 1)
  frame.writeUInt16BE(width, 3)
  const scan = Buffer.concat([segment(0xda, bytes('01 01 00 00 3f 00')), bytes('a5 ff00 17 ffd0 55')])
  return Buffer.concat([
    bytes('ffd8'),
    ...more,
    segment(0xdb, Buffer.alloc(65)),
    segment(0xc0, frame),
    scan,
    bytes('ffd9'),
  ])
}

function riff(...chunks: [string, Buffer][]): Buffer {
  const body = Buffer.concat(
    chunks.map(([type, data]) => {
      const head = Buffer.alloc(8)
      head.write(type, 'latin1')
      head.writeUInt32LE(data.length, 4)
      return Buffer.concat([head, data, Buffer.alloc(data.length % 2)])
    }),
  )
  const head = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1')
  head.writeUInt32LE(body.length + 4, 4)
  return Buffer.concat([head, body])
}

function lossless(width: number, height: number): Buffer {
  const data = Buffer.alloc(9)
  data[0] = 0x2f
  data.writeUInt32LE(((width - 1) | ((height - 1) << 14)) >>> 0, 1)
  return data
}

function extended(flags: number, width: number, height: number): Buffer {
  const data = Buffer.alloc(10)
  data[0] = flags
  data.writeUIntLE(width - 1, 4, 3)
  data.writeUIntLE(height - 1, 7, 3)
  return data
}

function codeOf(file: Buffer, type: ImageType): string {
  try {
    cleanImage(file, type)
    return 'taken'
  } catch (error) {
    return error instanceof ChatError ? error.code : String(error)
  }
}

const TEXT = chunk('tEXt', Buffer.from('Comment\0<script>alert(1)</script>'))
const HTML = Buffer.from('<!doctype html><script>alert(1)</script>')
const SVG = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')

test('[PEO2] a clean picture stays as it is, byte by byte', () => {
  for (const [file, type] of [
    [png(64, 64), 'image/png'],
    [jpeg(64, 48), 'image/jpeg'],
    [riff(['VP8L', lossless(64, 64)]), 'image/webp'],
    [riff(['VP8X', extended(0x10, 64, 64)], ['ALPH', Buffer.from('a')], ['VP8L', lossless(64, 64)]), 'image/webp'],
  ] as const) {
    expect(cleanImage(file, type).equals(file)).toBe(true)
  }
})

test('[PEO2] what does not draw is dropped: comments, places, programs behind the end', () => {
  expect(cleanImage(Buffer.concat([png(9, 9, TEXT, chunk('eXIf', HTML)), HTML]), 'image/png')).toEqual(png(9, 9))
  const dirty = jpeg(9, 9, EXIF, segment(0xe0, Buffer.from('JFXX\0 thumbnail')), segment(0xfe, HTML))
  expect(cleanImage(Buffer.concat([dirty, HTML]), 'image/jpeg')).toEqual(jpeg(9, 9))
  const webp = riff(
    ['VP8X', extended(0x3c, 9, 9)],
    ['ICCP', HTML],
    ['VP8L', lossless(9, 9)],
    ['EXIF', HTML],
    ['XMP ', HTML],
  )
  expect(cleanImage(Buffer.concat([webp, HTML]), 'image/webp')).toEqual(
    riff(['VP8X', extended(0x10, 9, 9)], ['VP8L', lossless(9, 9)]),
  )
})

test('[PEO2] nothing else is taken for a picture, whatever it is called', () => {
  const types: ImageType[] = ['image/png', 'image/jpeg', 'image/webp']
  const files = { png: png(9, 9), jpeg: jpeg(9, 9), webp: riff(['VP8L', lossless(9, 9)]) }
  for (const type of types) {
    for (const other of [SVG, HTML, Buffer.alloc(0), Buffer.from('GIF89a'), Buffer.concat([HTML, files.png])]) {
      expect(codeOf(other, type)).toBe('invalid_image')
    }
    for (const [name, file] of Object.entries(files)) {
      expect(codeOf(file, type)).toBe(type === `image/${name}` ? 'taken' : 'invalid_image')
    }
  }
})

test('[PEO2] a file that ends too early, or contradicts itself, is none', () => {
  for (const [file, type] of [
    [png(9, 9), 'image/png'],
    [jpeg(9, 9), 'image/jpeg'],
    [riff(['VP8L', lossless(9, 9)]), 'image/webp'],
  ] as const) {
    for (let length = 0; length < file.length; length++) {
      expect(codeOf(file.subarray(0, length), type)).toBe('invalid_image')
    }
  }
  const broken = png(9, 9)
  broken.writeUInt8(7, 20)
  expect(codeOf(broken, 'image/png')).toBe('invalid_image')
  expect(
    codeOf(riff(['VP8X', extended(0x02, 9, 9)], ['ANIM', Buffer.alloc(6)], ['VP8L', lossless(9, 9)]), 'image/webp'),
  ).toBe('invalid_image')
})

test('[PEO2] pictures that would fill the memory of those who look at them are refused', () => {
  expect(codeOf(png(4096, 4096), 'image/png')).toBe('taken')
  for (const [width, height] of [
    [4097, 1],
    [1, 4097],
    [0xffffffff, 0xffffffff],
  ] as const) {
    expect(codeOf(png(width, height), 'image/png')).toBe('too_large')
  }
  expect(codeOf(jpeg(65_000, 10), 'image/jpeg')).toBe('too_large')
  expect(codeOf(riff(['VP8L', lossless(16_384, 2)]), 'image/webp')).toBe('too_large')
  expect(codeOf(riff(['VP8X', extended(0, 100_000, 2)], ['VP8L', lossless(9, 9)]), 'image/webp')).toBe('too_large')
  expect(codeOf(png(0, 9), 'image/png')).toBe('invalid_image')
})
