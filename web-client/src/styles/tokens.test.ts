import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const css = readFileSync(new URL('tokens.css', import.meta.url), 'utf8')
const tokens = new Map(
  [...css.matchAll(/--([\w-]+):\s*light-dark\((#\w{6}),\s*(#\w{6})\)/g)].map(([, name = '', light = '', dark = '']) => [
    name,
    { light, dark },
  ]),
)

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high + 0.05) / (low + 0.05)
}

const TEXT = 4.5
const SHAPE = 3
const grounds = ['bg', 'surface', 'surface-2']
const pairs: [string, string, number][] = [
  ...grounds.flatMap((ground): [string, string, number][] => [
    ['text', ground, TEXT],
    ['muted', ground, TEXT],
    ['accent', ground, SHAPE],
  ]),
  ['edge', 'surface', SHAPE],
  ['edge', 'bg', SHAPE],
  ['accent', 'surface', TEXT],
  ['accent', 'bg', TEXT],
  ['on-accent', 'accent', TEXT],
  ['own-text', 'own', TEXT],
  ['own-meta', 'own', TEXT],
  ['link', 'surface', TEXT],
  ['link', 'bg', TEXT],
  ['link', 'own', TEXT],
  ['danger', 'surface', TEXT],
  ['danger', 'bg', TEXT],
  ['online', 'surface', SHAPE],
  ['warning', 'warning-bg', TEXT],
  ['warning', 'surface', TEXT],
  ['text', 'mention', TEXT],
  ['muted', 'mention', TEXT],
  ...[0, 1, 2, 3, 4, 5].map((tint): [string, string, number] => [`tint-${tint}-text`, `tint-${tint}`, TEXT]),
]

describe('tokens', () => {
  test.each(pairs)('%s on %s has a contrast of at least %d, light and dark', (front, ground, least) => {
    for (const theme of ['light', 'dark'] as const) {
      const colours = [tokens.get(front)?.[theme], tokens.get(ground)?.[theme]] as const
      expect(contrast(colours[0] ?? '', colours[1] ?? ''), `${theme}: ${colours.join(' on ')}`).toBeGreaterThanOrEqual(
        least,
      )
    }
  })

  test('the table of the design is what stands in the file', () => {
    expect(contrast(tokens.get('text')?.light ?? '', tokens.get('bg')?.light ?? '')).toBeCloseTo(14.98, 2)
    expect(contrast(tokens.get('accent')?.dark ?? '', tokens.get('surface')?.dark ?? '')).toBeCloseTo(7.99, 2)
  })
})
