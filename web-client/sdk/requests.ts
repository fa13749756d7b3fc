/** Requests over MQTT: any operation of the server by name, answered on this device's replies topic. */
import { ChatError } from '../../protocol/errors.ts'
import type { Reply } from '../../protocol/requests.ts'
import { readError } from './http-client.ts'
import type { Clock } from './ports.ts'

const TIMEOUT_MS = 15_000

export interface Requests {
  /** Rejects with ChatError: what the server said, or `unavailable` when the connection ends or 15 s pass. */
  ask(operation: string, input: Record<string, unknown>): Promise<unknown>
  /** A reply came in; one that nobody waits for is dropped. */
  answer(reply: Reply): void
  /** A request was rejected before it was handled. Whether it was one of ours. */
  reject(id: string, error: ChatError): boolean
  /** The connection ended: no reply will come. */
  end(): void
}

/** `publish` gives a request to the connection at QoS 1. */
export function createRequests(clock: Clock, publish: (payload: string) => Promise<void>): Requests {
  const open = new Map<string, { resolve(result: unknown): void; reject(error: ChatError): void; timer: unknown }>()
  let count = 0

  function take(id: string) {
    const waiting = open.get(id)
    open.delete(id)
    clock.clearTimeout(waiting?.timer)
    return waiting
  }

  return {
    ask(operation, input) {
      const id = `r${++count}`
      return new Promise((resolve, reject) => {
        const fail = (): void => take(id)?.reject(new ChatError('unavailable'))
        open.set(id, { resolve, reject, timer: clock.setTimeout(fail, TIMEOUT_MS) })
        publish(JSON.stringify({ ...input, id, op: operation })).catch(fail)
      })
    },
    answer(reply) {
      if (reply.ok) take(reply.id)?.resolve(reply.result)
      else take(reply.id)?.reject(readError(reply.error, 'internal'))
    },
    reject(id, error) {
      const waiting = take(id)
      waiting?.reject(error)
      return waiting !== undefined
    },
    end() {
      for (const id of [...open.keys()]) take(id)?.reject(new ChatError('unavailable'))
    },
  }
}
