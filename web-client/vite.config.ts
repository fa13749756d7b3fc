import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { precompress } from './build/precompress.ts'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [precompress()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: ['es2022', 'chrome123', 'firefox120', 'safari17.5'],
    // The sprite must stay a file: `img-src` and `use` follow the policy of the page, data: addresses do not.
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    // Later views bring next to nothing that is not here already: what loads it ahead would weigh on the first screen.
    modulePreload: false,
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // What both the forms and the app need goes with the forms, what the later views share with the app goes with
        // the app: few requests, each for what is needed then.
        codeSplitting: {
          groups: [
            { name: 'entrance', test: /\/src\/main\.tsx$/, priority: 2 },
            { name: 'app', test: /\/src\/open-app\.tsx$/, priority: 1 },
          ],
        },
      },
    },
  },
})
