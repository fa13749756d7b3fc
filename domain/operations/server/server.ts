import type { ServerInfo } from '../../../protocol/http.ts'
import { noInput } from '../no-input.ts'
import { defineOperation } from '../table.ts'

/** What a client shows before anybody has signed in ([SRV1]). */
export function serverOperation({ server }: { server: ServerInfo }) {
  return defineOperation({
    name: 'server',
    summary: 'Who may sign up, where MQTT is spoken, and whether mail is sent.',
    input: noInput,
    access: 'nobody',
    http: { method: 'GET', path: '/api/server' },
    mqtt: true,
    handle: async (): Promise<ServerInfo> => server,
  })
}
