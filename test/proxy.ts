/** A TCP line between a client and a server that can be made bad: slow, stalled, cut, or half-open. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export class TcpProxy {
  /** Each chunk waits for so long, more or less. */
  latencyMs = 0
  jitterMs = 0
  /** 0: as fast as it goes. */
  bytesPerSecond = 0
  port = 0
  #stalled: Promise<void> | undefined
  #goOn: () => void = () => undefined
  #halfOpen = new WeakSet<Socket>()
  readonly #sockets = new Set<Socket>()
  readonly #target: NetConnectOpts
  readonly #server = createServer((client) => this.#join(client))

  private constructor(target: NetConnectOpts) {
    this.#target = target
  }

  /** Listens on a free port of 127.0.0.1 and leads to a port there, or to a Unix socket. */
  static async start(target: number | string): Promise<TcpProxy> {
    const proxy = new TcpProxy(typeof target === 'number' ? { port: target, host: '127.0.0.1' } : { path: target })
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    proxy.port = (proxy.#server.address() as AddressInfo).port
    return proxy
  }

  /** Nothing passes until `resume`. */
  stall(): void {
    this.#stalled ??= new Promise((resolve) => {
      this.#goOn = resolve
    })
  }

  resume(): void {
    this.#stalled = undefined
    this.#goOn()
  }

  /** Breaks every connection; what was under way is lost. New ones are taken. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** From now on the present connections swallow everything, and no end learns that the other is gone. */
  becomeHalfOpen(): void {
    for (const socket of this.#sockets) this.#halfOpen.add(socket)
  }

  async close(): Promise<void> {
    this.resume()
    this.#server.close()
    this.cut()
    if (this.#server.listening) await once(this.#server, 'close')
  }

  #join(client: Socket): void {
    const server = connect(this.#target)
    this.#carry(client, server)
    this.#carry(server, client)
  }

  #carry(from: Socket, to: Socket): void {
    this.#sockets.add(from)
    let way = Promise.resolve()
    from.setNoDelay(true)
    from.on('data', (chunk) => {
      if (this.#halfOpen.has(from)) return
      from.pause()
      way = way.then(() => this.#pass(chunk, to)).then(() => void from.resume())
    })
    from.on('error', () => undefined) // followed by `close`
    from.on('close', () => {
      this.#sockets.delete(from)
      if (!this.#halfOpen.has(from)) void way.then(() => to.destroy())
    })
  }

  async #pass(chunk: Buffer, to: Socket): Promise<void> {
    const jitter = this.jitterMs === 0 ? 0 : (Math.random() * 2 - 1) * this.jitterMs
    const transfer = this.bytesPerSecond === 0 ? 0 : (chunk.length / this.bytesPerSecond) * 1000
    const wait = this.latencyMs + jitter + transfer
    if (wait > 0) await delay(wait)
    await this.#stalled
    if (to.destroyed || to.write(chunk)) return
    await Promise.race([once(to, 'drain'), once(to, 'close')])
  }
}
