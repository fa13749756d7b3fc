import { parseArgs } from 'node:util'

/** What one call of `npm run bench` was asked for. */
export type Options = {
  /** One short run of each row instead of the median of three. */
  quick: boolean
  /** Names of the rows to measure; empty: all. */
  only: string[]
  runs: number
  rampSeconds: number
  seconds: number
}

/**
 * `--quick`: one short run of each row instead of the median of three. `--only a,b`: these rows alone. Throws an error with one clear
 * sentence for other options and for rows that are not among `rows`.
 */
export function parseOptions(args: string[], rows: string[]): Options {
  const { values } = parseArgs({
    args,
    options: { quick: { type: 'boolean', default: false }, only: { type: 'string', multiple: true, default: [] } },
  })
  const only = values.only.flatMap((names) => names.split(',')).map((name) => name.trim())
  const unknown = only.find((name) => !rows.includes(name))
  if (unknown !== undefined) throw new Error(`There is no row "${unknown}". Rows: ${rows.join(', ')}`)
  const length = values.quick ? { runs: 1, rampSeconds: 2, seconds: 3 } : { runs: 3, rampSeconds: 2, seconds: 5 }
  return { quick: values.quick, only, ...length }
}
