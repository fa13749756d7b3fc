import { useEffect, useState } from 'preact/hooks'

/** Modules of white around it that readers need. */
const QUIET = 4

/** A text as a picture for a camera, always dark on light; the code that draws it arrives when it is first shown. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const [drawn, setDrawn] = useState<{ size: number; path: string } | undefined>(undefined)
  useEffect(() => {
    let shown = true
    import('lean-qr').then(
      ({ generate }) => {
        if (shown) setDrawn(draw(generate(text)))
      },
      // The text beside it says the same.
      () => {},
    )
    return () => {
      shown = false
    }
  }, [text])
  if (!drawn) return <div class="qr skeleton" />
  const edge = drawn.size + 2 * QUIET
  return (
    <svg class="qr" viewBox={`${-QUIET} ${-QUIET} ${edge} ${edge}`} role="img" aria-label={label}>
      <rect x={-QUIET} y={-QUIET} width={edge} height={edge} fill="#fff" />
      <path d={drawn.path} fill="#000" shape-rendering="crispEdges" />
    </svg>
  )
}

type Bitmap = { readonly size: number; get(x: number, y: number): boolean }

/** One rectangle for each run of dark modules in a row. */
function draw(bitmap: Bitmap): { size: number; path: string } {
  let path = ''
  for (let y = 0; y < bitmap.size; y++) {
    for (let x = 0; x < bitmap.size; x++) {
      const start = x
      while (x < bitmap.size && bitmap.get(x, y)) x++
      if (x > start) path += `M${start} ${y}h${x - start}v1H${start}z`
    }
  }
  return { size: bitmap.size, path }
}
