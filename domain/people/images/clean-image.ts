/**
 * A picture that somebody gives us, as it is given to others ([PEO2]): known by its bytes, of a bounded size, and written
 * anew from the parts that draw it. Places, cameras, comments, and whatever else rides along or hangs on behind stay out.
 */
import { ChatError } from '../../../protocol/errors.ts'
import { type AVATAR_TYPES, MAX_AVATAR_PIXELS } from '../../../protocol/limits.ts'
import type { CleanImage } from './image.ts'
import { cleanJpeg } from './jpeg.ts'
import { cleanPng } from './png.ts'
import { cleanWebp } from './webp.ts'

export type ImageType = (typeof AVATAR_TYPES)[number]

const CLEANERS: Readonly<Record<ImageType, (file: Buffer) => CleanImage | undefined>> = {
  'image/png': cleanPng,
  'image/jpeg': cleanJpeg,
  'image/webp': cleanWebp,
}

/** Throws `invalid_image` when the file is not what it is called, `too_large` beyond 4096 pixels a side. */
export function cleanImage(file: Uint8Array, type: ImageType): Buffer {
  const image = CLEANERS[type](Buffer.from(file.buffer, file.byteOffset, file.byteLength))
  if (image === undefined || image.width < 1 || image.height < 1) throw new ChatError('invalid_image')
  if (Math.max(image.width, image.height) > MAX_AVATAR_PIXELS) {
    const publicMessage = `A picture has at most ${MAX_AVATAR_PIXELS} x ${MAX_AVATAR_PIXELS} pixels.`
    throw new ChatError('too_large', { publicMessage })
  }
  return Buffer.concat(image.parts)
}
