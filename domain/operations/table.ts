import { type $ZodError, type $ZodType, safeParse } from 'zod/v4/core'
import { mayCall, type Session } from '../../auth-plugin/index.ts'
import { ChatError, refusalError } from '../../protocol/errors.ts'
import { type Limits, UNLIMITED } from '../limits/index.ts'
import type { Caller, Operation } from './operation.ts'

/** Who stands at a door: the same as a caller, perhaps not signed in. */
export type Visitor = Omit<Caller, 'session'> & { session?: Session | undefined }

/** Every operation by its name, and the one way to run one. */
export interface OperationTable {
  get(name: string): Operation | undefined
  all(): readonly Operation[]
  /**
   * Checks who calls, validates the input, counts the call where it is limited, runs the handler. Throws `unauthorized`, `out_of_scope`, or
   * `invalid_request` with `details: [{ path, message }]`; then whatever the handler throws.
   */
  run(operation: Operation, input: unknown, caller: Visitor): Promise<unknown>
}

/** An operation whose handler's input is typed by its schema. */
export const defineOperation = <Input, Result>(operation: Operation<Input, Result>): Operation<Input, Result> =>
  operation

/** Throws when two operations have one name. `limits`: what the limits that they name are counted with; absent: none. */
export function createOperationTable(operations: readonly Operation[], limits: Limits = UNLIMITED): OperationTable {
  const byName = new Map(operations.map((operation) => [operation.name, operation]))
  if (byName.size !== operations.length) throw new Error('two operations have the same name')
  return {
    get: (name) => byName.get(name),
    all: () => operations,
    async run(operation, input, caller) {
      const admitted = admit(operation, caller)
      const valid = validate(operation, input)
      if (operation.limit !== undefined) await limits.take(operation.limit, admitted)
      return operation.handle(valid, admitted)
    },
  }
}

function admit(operation: Operation, visitor: Visitor): Caller {
  const { session } = visitor
  if (operation.access === 'nobody') return visitor as Caller
  if (session === undefined) throw new ChatError('unauthorized')
  const decision = mayCall(session, operation.access)
  if (!decision.ok) throw refusalError(decision.no)
  return { ...visitor, session }
}

function validate(operation: Operation, input: unknown): unknown {
  const result = safeParse(operation.input as unknown as $ZodType, input ?? {})
  if (result.success) return result.data
  throw new ChatError('invalid_request', { details: problems(result.error) })
}

function problems(error: $ZodError): { path: string; message: string }[] {
  return error.issues.slice(0, 20).map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message }))
}
