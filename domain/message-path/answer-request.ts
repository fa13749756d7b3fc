import type { Session } from '../../auth-plugin/index.ts'
import { ChatError, errorBody } from '../../protocol/errors.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import { type Reply, type Request, requestSchema } from '../../protocol/requests.ts'
import type { Caller, Operation } from '../operations/operation.ts'
import { type Outcome, refused } from './outcome.ts'
import { readJson } from './read-json.ts'

export type RequestDeps = {
  operations: {
    get(name: string): Operation | undefined
    run(operation: Operation, input: unknown, caller: Caller): Promise<unknown>
  }
  onBug(error: unknown): void
}

/** The sender of a request: how to answer it, and how to put a fresh token in place of its own. */
export type Asker = {
  session: Session
  device: DeviceId
  reply(reply: Reply): void
  renew(token: string): Promise<{ expiresAt: number | null }>
}

/** `users/{user}/requests`: any operation of the table, answered on the device's `replies` topic ([REQ1]). */
export async function answerRequest(payload: Uint8Array, asker: Asker, deps: RequestDeps): Promise<Outcome> {
  const request = readJson(requestSchema, payload)
  if (request === undefined) {
    return refused({ code: 'invalid_request', message: 'A request is {"id":"...","op":"...", ...}.' })
  }
  asker.reply(await answer(request, asker, deps))
  return { ok: true }
}

async function answer(request: Request, asker: Asker, deps: RequestDeps): Promise<Reply> {
  const { id, op, ...input } = request
  try {
    return { type: 'reply', id, ok: true, result: await run(op, input, asker, deps) }
  } catch (error) {
    if (!(error instanceof ChatError)) deps.onBug(error)
    return { type: 'reply', id, ok: false, error: errorBody(error) }
  }
}

async function run(op: string, input: Record<string, unknown>, asker: Asker, deps: RequestDeps): Promise<unknown> {
  if (op === 'renew') {
    if (typeof input.token !== 'string') throw new ChatError('invalid_request', { publicMessage: 'token is required' })
    return asker.renew(input.token)
  }
  const operation = deps.operations.get(op)
  if (operation?.mqtt !== true) throw new ChatError('unknown_operation')
  return (await deps.operations.run(operation, input, { session: asker.session, device: asker.device })) ?? {}
}
