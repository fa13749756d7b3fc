import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A way to the server that loses what it is told to lose. */
export interface FaultySocket {
  /** The same database, through here. */
  url(direct: string): string
  /** Cuts every connection when the server's next `count`-th answer comes, which is lost with it. */
  cutAtAnswer(count: number): void
  /** Cuts every connection when the next request comes; the server never sees it. */
  cutAtRequest(): void
  /** How often it has cut. */
  cuts(): number
  close(): Promise<void>
}

export async function openFaultySocket(serverSocket: string): Promise<FaultySocket> {
  const folder = await mkdtemp(join(tmpdir(), 'tidings-faulty-'))
  const pairs = new Set<Socket>()
  let answers = 0
  let requests = 0
  let cuts = 0

  function cut(): void {
    cuts += 1
    answers = 0
    requests = 0
    for (const socket of pairs) socket.destroy()
    pairs.clear()
  }
  const server = createServer((client) => {
    const upstream = connect(serverSocket)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      pairs.add(from)
      from.on('data', (bytes) => {
        const counted = from === upstream ? answers : requests
        if (counted === 1) return cut()
        if (from === upstream && answers > 0) answers -= 1
        to.write(bytes)
      })
      from.on('close', () => to.destroy())
      from.on('error', () => to.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(join(folder, '.s.PGSQL.5432'), resolve))
  return {
    url: (direct) => direct.replace(/host=[^&]*/, `host=${encodeURIComponent(folder)}`),
    cutAtAnswer(count) {
      answers = count
    },
    cutAtRequest() {
      requests = 1
    },
    cuts: () => cuts,
    async close() {
      cut()
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true, force: true })
    },
  }
}
