import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream'
import type { TestBroker } from '../interop.contract.ts'
import { openWebSocketPort } from './web-socket-port.ts'

/** Mosquitto (the program `path`) on a free port of the loopback, behind a WebSocket of ours, since not every build has one. */
export async function startMosquitto(path: string): Promise<TestBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'mosquitto-'))
  const port = await findFreePort()
  const configuration = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence false',
    // The default of 1000 drops what a fast sender has in flight to a reader.
    'max_queued_messages 0',
  ]
  await writeFile(join(folder, 'mosquitto.conf'), configuration.join('\n'))
  const program = spawn(path, ['-v', '-c', join(folder, 'mosquitto.conf')], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(program, 'exit')
  await new Promise<void>((resolve, reject) => {
    createInterface(program.stderr).on('line', (line) => line.endsWith(' running') && resolve())
    ended.then(() => reject(new Error(`${path} ended before it was running`)), reject)
  })
  const door = await openWebSocketPort((_socket, stream) => {
    const webSocket = stream()
    const tcp = connect(port, '127.0.0.1')
    // Each end of the bridge ends the other.
    pipeline(webSocket, tcp, webSocket, () => {})
  })
  return {
    url: door.url,
    async stop() {
      await door.close()
      program.kill()
      await ended
      await rm(folder, { recursive: true })
    },
  }
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
