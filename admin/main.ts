/**
 * `npm run admin -- COMMAND ...`: what the operator does with the settings of the server, whether it runs or not. What
 * commands print goes to standard output, what went wrong to standard error; nothing is logged.
 */
import { parseArgs } from 'node:util'
import { en } from 'zod/locales'
import { config as configureZod } from 'zod/mini'
import { ConfigError, loadConfig } from '../config/index.ts'
import { ChatError } from '../protocol/errors.ts'
import { accountCommands } from './account-commands.ts'
import { type Command, type Options, UsageError } from './command.ts'
import { openOffice } from './open-office.ts'
import { serverCommands } from './server-commands.ts'

const commands: Readonly<Record<string, Command>> = { ...accountCommands, ...serverCommands }

function help(): string {
  const lines = Object.entries(commands).map(([name, { usage, summary }]) => `  ${name} ${usage}\n      ${summary}`)
  return ['usage: npm run admin -- COMMAND ...', '', ...lines].join('\n')
}

function parse(command: Command, rest: string[]): { words: string[]; options: Options } {
  const known = Object.entries(command.options ?? {}).map(
    ([name, kind]) => [name, { type: kind === 'flag' ? 'boolean' : 'string' }] as const,
  )
  const { values, positionals } = parseArgs({ args: rest, options: Object.fromEntries(known), allowPositionals: true })
  const [least, most] = command.words
  if (positionals.length < least || positionals.length > most) throw new UsageError('Too few words, or too many.')
  const options = Object.entries(values).map(([name, value]) => [name, value === true ? '' : String(value)] as const)
  return { words: positionals, options: Object.fromEntries(options) }
}

async function run(name: string, command: Command, rest: string[]): Promise<void> {
  const { words, options } = parse(command, rest)
  const office = await openOffice(loadConfig(process.env, process.getuid?.() === 0))
  try {
    for (const line of await command.run(office, words, options)) console.log(line)
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`${error.message}\nusage: ${name} ${command.usage}`) : error
  } finally {
    await office.close()
  }
}

/** One line an operator can act on; a bug with its stack. */
function explain(error: unknown): string {
  if (error instanceof ChatError) return error.publicMessage
  if (!(error instanceof Error)) return String(error)
  const { code = '' } = error as NodeJS.ErrnoException
  const isExpected = error instanceof UsageError || error instanceof ConfigError || code.startsWith('ERR_PARSE_ARGS')
  if (isExpected || ![TypeError, ReferenceError, RangeError, SyntaxError].some((kind) => error instanceof kind)) {
    return error.message
  }
  return error.stack ?? error.message
}

configureZod(en()) // or problems have no words
const [name = 'help', ...rest] = process.argv.slice(2)
const command = Object.hasOwn(commands, name) ? commands[name] : undefined
if (command === undefined) {
  const asked = name === 'help' || name === '--help'
  console[asked ? 'log' : 'error'](help())
  process.exitCode = asked ? 0 : 2
} else {
  await run(name, command, rest).catch((error: unknown) => {
    console.error(explain(error))
    process.exitCode = error instanceof UsageError ? 2 : 1
  })
}
