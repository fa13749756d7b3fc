/** What people read about the settings, made from their schema: `config/README.md` and `config/default.env`. */
import * as z from 'zod/mini'
import { type Setting, settings } from './schema.ts'

const all = Object.entries(settings) as [string, Setting][]

/** A file for an environment: every setting with its meaning and default, commented out. */
export function renderDefaults(): string {
  const blocks = all.map(([name, { default: value = '', about }]) => `# ${about}\n#${name}=${value}\n`)
  return `# The settings of a Tidings process and their defaults. Made from schema.ts; see README.md.\n\n${blocks.join('\n')}`
}

/** The reference in Markdown. */
export function renderReference(): string {
  const rows = all.map(([name, setting]) => {
    const given = setting.default ? `\`${setting.default}\`` : ''
    return `| \`${name}\` | ${valuesOf(setting)} | ${given} | ${setting.about.replaceAll('|', '\\|')} |`
  })
  return `${introduction}\n| Name | Value | Default | Meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

const introduction = `# Settings

A Tidings process is configured by its environment alone; it reads no file. An empty variable counts as absent. When
something is wrong the process does not start and lists every problem at once, without the values of secrets and URLs.

    npx tsx config/cli.ts check       is the present environment valid?
    npx tsx config/cli.ts defaults    prints default.env, all settings commented out
    npx tsx config/cli.ts reference   prints this page

\`default.env\` and this page are made from \`schema.ts\`; after a change there, run the last two commands into their files.
For limits, 0 switches one off; a \`LIMIT_\` name that does not exist is an error.
`

type Shape = { type?: string; enum?: string[]; minimum?: number; maximum?: number; items?: Shape }

/** What the schema takes, in words. */
function valuesOf({ schema }: Setting): string {
  const { type, enum: options, minimum, maximum, items } = z.toJSONSchema(schema) as Shape
  const choices = options ?? items?.enum
  if (choices !== undefined) return choices.map((one) => `\`${one}\``).join(items === undefined ? ' or ' : ', ')
  if (type !== 'integer') return 'text'
  const bounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER
  return bounded ? `${minimum} to ${maximum}` : 'whole number'
}
