import { join } from 'node:path'
import type { Server } from './server.ts'
import { ServerProcess } from './server-process.ts'

type Ports = { mqttPort: number; webSocketPort: number }

/** Raw Aedes, no archive: what every ratio is measured against. */
export function startRawAedes(): Promise<Server> {
  return startAedes('raw Aedes', {})
}

/** `database`: the settings that `pg` takes. */
export async function startAedes(name: string, database: { settings?: object; pid?: number }): Promise<Server> {
  const program = join(import.meta.dirname, 'aedes-program.ts')
  const env = { ...process.env, TIDINGS_BENCH_DATABASE: database.settings ? JSON.stringify(database.settings) : '' }
  const server = new ServerProcess(name, [process.execPath, '--import', 'tsx', program], env)
  const ports = await server.firstLine<Ports>((line) => (line.startsWith('{') ? JSON.parse(line) : undefined))
  return {
    name,
    pid: server.pid,
    ...(database.pid === undefined ? {} : { databasePid: database.pid }),
    ...ports,
    webSocketPath: '/mqtt',
    speech: { subscribeTopic: 'rooms/{room}/messages', publishTopic: 'rooms/{room}/messages', payload: 'plain' },
    prepareRooms: () => Promise.resolve(),
    stop: () => server.stop(),
  }
}
