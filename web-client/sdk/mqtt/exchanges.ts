import { type Acknowledgement, type Encoded, encodePublish, type Payload, ProtocolError, type Qos } from './codec.ts'

type Exchange = { answer: Acknowledgement['type']; grants: number; resolve(answer: Acknowledgement): void }
// The id of a message that waits in the queue: taken, but no answer is due.
const RESERVED = undefined
type Queued = { bytes: Encoded; qos: Qos; written(): void }

/**
 * What one connection still owes its callers: packet ids, the window of unacknowledged QoS 1 messages, and a rejection for
 * everything open when the connection ends.
 */
export interface Exchanges {
  /** A promise that `end` rejects unless `start` resolves it before. */
  hold<T>(start: (resolve: (value: T) => void) => void): Promise<T>
  /** Writes at once what `encode` makes of a free packet id; resolves with the answer, which has `grants` codes. */
  request(
    answer: Acknowledgement['type'],
    grants: number,
    encode: (packetId: number) => Encoded,
  ): Promise<Acknowledgement>
  /** In the order of calls, whatever the QoS. Resolves when written (QoS 0) or acknowledged (QoS 1). */
  publish(topic: string, payload: Payload, qos: Qos): Promise<void>
  /** Lets messages go out; until then they wait. */
  start(): void
  /** Throws ProtocolError when nobody asked for this answer. */
  settle(answer: Acknowledgement): void
  /** Rejects everything open, and everything later, with `error`. */
  end(error: Error): void
}

/** `windowSize`: how many QoS 1 messages may be unacknowledged. */
export function createExchanges(write: (bytes: Encoded) => void, windowSize: number): Exchanges {
  const pending = new Map<number, Exchange | typeof RESERVED>()
  const rejections = new Set<(error: Error) => void>()
  const queue: Queued[] = []
  let free = 0
  let lastId = 0
  let started = false
  let ended: Error | undefined

  const hold: Exchanges['hold'] = (start) =>
    new Promise((resolve, reject) => {
      if (ended) return reject(ended)
      rejections.add(reject)
      start((value) => {
        rejections.delete(reject)
        resolve(value)
      })
    })

  function takeId(): number {
    if (pending.size >= 0xffff) throw new RangeError('too many requests')
    do lastId = (lastId % 0xffff) + 1
    while (pending.has(lastId)) // [MQTT-2.3.1-2]
    return lastId
  }

  function pump(): void {
    for (let next = queue[0]; next && (free > 0 || (started && !next.qos)); next = queue[0]) {
      queue.shift()
      free -= next.qos
      write(next.bytes)
      next.written()
    }
  }

  return {
    hold,
    async request(answer, grants, encode) {
      const packetId = takeId()
      const bytes = encode(packetId)
      return hold((resolve) => {
        pending.set(packetId, { answer, grants, resolve })
        write(bytes)
      })
    },
    async publish(topic, payload, qos) {
      const packetId = qos && takeId()
      const bytes = encodePublish(topic, payload, qos, packetId)
      return hold((resolve) => {
        const acknowledged = (): void => {
          free++
          resolve()
          pump()
        }
        const awaitAnswer = (): void => {
          pending.set(packetId, { answer: 'puback', grants: 0, resolve: acknowledged })
        }
        if (qos) pending.set(packetId, RESERVED)
        queue.push({ bytes, qos, written: qos ? awaitAnswer : resolve })
        pump()
      })
    },
    start() {
      started = true
      free = windowSize
      pump()
    },
    settle(answer) {
      const exchange = pending.get(answer.packetId)
      if (exchange?.answer !== answer.type || exchange.grants !== answer.granted.length) {
        throw new ProtocolError(`unexpected ${answer.type}`)
      }
      pending.delete(answer.packetId)
      exchange.resolve(answer)
    },
    end(error) {
      ended = error
      queue.length = 0
      pending.clear()
      for (const reject of rejections) reject(error)
      rejections.clear()
    },
  }
}
