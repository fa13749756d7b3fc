/** `npx tsx config/cli.ts check | defaults | reference`: see README.md. */
import { en } from 'zod/locales'
import { config as configureZod } from 'zod/mini'
import { ConfigError, loadConfig } from './load-config.ts'
import { renderDefaults, renderReference } from './reference.ts'

function check(): void {
  try {
    loadConfig(process.env, process.getuid?.() === 0)
    console.log('The configuration is valid.')
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}

configureZod(en()) // or problems have no words
const [verb] = process.argv.slice(2)
if (verb === 'check') check()
else if (verb === 'defaults') process.stdout.write(renderDefaults())
else if (verb === 'reference') process.stdout.write(renderReference())
else {
  console.error('usage: npx tsx config/cli.ts check | defaults | reference')
  process.exitCode = 2
}
