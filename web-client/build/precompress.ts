import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

const TEXT = /\.(html|js|css|svg|json|webmanifest)$/

/** Puts `x.gz` and `x.br` beside every text file of the build, so that the server compresses nothing at run time. */
export function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    generateBundle: {
      // After the plugin that writes index.html.
      order: 'post',
      async handler(_options, bundle) {
        const texts = Object.values(bundle).filter((file) => TEXT.test(file.fileName))
        for (const file of texts) {
          const source = Buffer.from(file.type === 'chunk' ? file.code : file.source)
          const [gz, br] = await Promise.all([
            promisify(gzip)(source, { level: 9 }),
            promisify(brotliCompress)(source, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
          ])
          this.emitFile({ type: 'asset', fileName: `${file.fileName}.gz`, source: gz })
          this.emitFile({ type: 'asset', fileName: `${file.fileName}.br`, source: br })
        }
      },
    },
  }
}
