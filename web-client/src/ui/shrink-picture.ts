const SIDE = 256
const QUALITY = 0.85

/**
 * The middle of a picture as a small square: what is sent is drawn anew, so nothing of the file itself goes out, neither
 * the place nor the camera. Rejects when the browser cannot read it.
 */
export async function shrinkPicture(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file)
  const side = Math.min(picture.width, picture.height)
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = SIDE
  const [left, top] = [(picture.width - side) / 2, (picture.height - side) / 2]
  canvas.getContext('2d')?.drawImage(picture, left, top, side, side, 0, 0, SIDE, SIDE)
  picture.close()
  return new Promise((resolve, reject) => {
    // A browser that does not write WebP gives a PNG and says so.
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/webp', QUALITY)
  })
}
