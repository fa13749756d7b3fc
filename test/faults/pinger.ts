import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { CONNACK, connectPacket, createParser, PINGREQ, PINGRESP } from './mqtt-packets.ts'
import type { Town } from './town.ts'

const EVERY_MS = 100

/** A quiet connection that asks again and again whether the server is there. */
export class Pinger {
  readonly #socket: Socket
  readonly #sent: number[] = []
  #timer: NodeJS.Timeout | undefined
  #slowest = 0
  #answered = 0

  private constructor(socket: Socket) {
    this.#socket = socket
  }

  static async connect(town: Town, user: string): Promise<Pinger> {
    const socket = connect({ port: town.product.mqttPort, host: '127.0.0.1', noDelay: true })
    const pinger = new Pinger(socket)
    const parse = createParser(({ type }) => {
      if (type === CONNACK) socket.emit('connack')
      if (type === PINGRESP) pinger.#take()
    })
    socket.on('data', parse)
    socket.write(connectPacket({ clientId: `${user}-pinger`, username: user, password: town.token(user) }))
    await once(socket, 'connack')
    return pinger
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#sent.push(performance.now())
      this.#socket.write(PINGREQ)
    }, EVERY_MS)
  }

  /** `slowest`: in ms; one that was never answered counts from when it was sent. */
  stop(): { answered: number; slowest: number } {
    clearInterval(this.#timer)
    const [oldest] = this.#sent
    if (oldest !== undefined) this.#slowest = Math.max(this.#slowest, performance.now() - oldest)
    this.#socket.destroy()
    return { answered: this.#answered, slowest: this.#slowest }
  }

  #take(): void {
    const sent = this.#sent.shift() ?? 0
    this.#answered++
    this.#slowest = Math.max(this.#slowest, performance.now() - sent)
  }
}

/** The CONNACK code, and how long it took; `undefined`: the connection was closed or refused instead. */
export async function tryToConnect(
  town: Town,
  user: string,
  device: string,
  token = town.token(user),
): Promise<{ code: number | undefined; ms: number }> {
  const began = performance.now()
  const socket = connect({ port: town.product.mqttPort, host: '127.0.0.1', noDelay: true })
  const code = await new Promise<number | undefined>((resolve) => {
    const parse = createParser(({ type, body }) => {
      if (type === CONNACK) resolve(body[1])
    })
    socket.on('data', parse)
    socket.on('error', () => resolve(undefined))
    socket.on('close', () => resolve(undefined))
    socket.write(connectPacket({ clientId: device, username: user, password: token }))
  })
  socket.destroy()
  return { code, ms: performance.now() - began }
}
