import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build, type Rolldown } from 'vite'
import { beforeAll, describe, expect, test, vi } from 'vitest'

type Output = Rolldown.OutputChunk | Rolldown.OutputAsset

const gzipped = (file: Output): number => gzipSync(file.type === 'chunk' ? file.code : file.source, { level: 9 }).length

describe('size of what is shipped', () => {
  let output: readonly Output[]
  const chunk = (name: string): Rolldown.OutputChunk => {
    const found = output.find((file) => file.type === 'chunk' && file.fileName === name)
    if (found?.type !== 'chunk') throw new Error(`no chunk ${name}`)
    return found
  }
  /** What the document loads. */
  const entry = (): Rolldown.OutputChunk => {
    const document = output.find(({ fileName }) => fileName === 'index.html')
    const name = document?.type === 'asset' && /<script[^>]* src="\/([^"]+)"/.exec(String(document.source))?.[1]
    return chunk(name || 'of the document')
  }
  /** A chunk and all that it needs before it runs. */
  const withImports = (start: Rolldown.OutputChunk, seen = new Set<Rolldown.OutputChunk>()) => {
    if (!seen.has(start)) {
      seen.add(start)
      for (const name of start.imports) withImports(chunk(name), seen)
    }
    return seen
  }
  const assets = (ending: string): Output[] => output.filter(({ fileName }) => fileName.endsWith(ending))
  const sum = (files: Iterable<Output>): number => [...files].reduce((bytes, file) => bytes + gzipped(file), 0)

  beforeAll(async () => {
    // As `npm run build` makes it: under test the views would be compiled for debugging.
    vi.stubEnv('NODE_ENV', 'production')
    const result = await build({
      configFile: fileURLToPath(new URL('../vite.config.ts', import.meta.url)),
      logLevel: 'silent',
      build: { write: false },
    })
    output = (result as Rolldown.RolldownOutput).output
    vi.unstubAllEnvs()
  })

  const shared = () => [...assets('.html'), ...assets('.css'), ...assets('.svg')]
  const app = (): Rolldown.OutputChunk => {
    const leads = entry().dynamicImports.map(chunk)
    const found = leads.find(({ facadeModuleId }) => facadeModuleId?.endsWith('/open-app.tsx'))
    if (found === undefined) throw new Error('the first screen does not lead to the app')
    return found
  }
  const firstView = () => withImports(app(), withImports(entry()))

  test('[B9] the forms of somebody unknown are at most 25 kB: document, code, style and sprite', () => {
    expect(sum([...withImports(entry()), ...shared()])).toBeLessThanOrEqual(25_000)
  })

  test('[B9] the first chat view is at most 60 kB: document, code, style and sprite', () => {
    expect(sum([...firstView(), ...shared()])).toBeLessThanOrEqual(60_000)
  })

  test('[B9] document at most 4 kB, style in one file of at most 12 kB', () => {
    expect(sum(assets('.html'))).toBeLessThanOrEqual(4_000)
    expect(assets('.css')).toHaveLength(1)
    expect(sum(assets('.css'))).toBeLessThanOrEqual(12_000)
  })

  test('[B9] a view that comes later is at most 20 kB', () => {
    const first = firstView()
    const later = [...first].flatMap(({ dynamicImports }) => dynamicImports).filter((name) => !first.has(chunk(name)))
    for (const name of later) {
      const own = [...withImports(chunk(name))].filter((file) => !first.has(file))
      expect(sum(own), name).toBeLessThanOrEqual(20_000)
    }
    expect(later.length).toBeGreaterThan(0)
  })

  test('[B9] one Preact, no compat, no schemas, no other MQTT client', () => {
    const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
    const packages = new Set(
      modules.flatMap((id) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id.replaceAll('\\', '/'))?.[1] ?? []),
    )
    expect([...packages].sort()).toEqual([
      '@preact/signals',
      '@preact/signals-core',
      '@simplewebauthn/browser',
      'lean-qr',
      'preact',
    ])
    expect(modules.filter((id) => /preact\/dist\/preact/.test(id))).toHaveLength(1)
    expect(modules.filter((id) => /preact\/compat/.test(id))).toEqual([])
  })
})
