// The load generator, a process of its own: a plan as JSON in the first argument, the result as one JSON line.
import type { LoadPlan } from './plan.ts'
import { runLoad } from './run-load.ts'

const result = await runLoad(JSON.parse(process.argv[2] ?? '') as LoadPlan)
console.log(JSON.stringify(result))
process.exit(0)
