import type { AppToken, ServerInfo } from '../../../../protocol/http.ts'
import type { UserId } from '../../../../protocol/ids.ts'
import { Icon } from '../../ui/icon.tsx'
import { useApp } from '../app-context.tsx'
import { copyText } from '../copy-text.ts'

type Props = { token: AppToken & { token: string }; user: UserId; host: string; onClose: () => void }

/** A token the one time it can be seen, with lines that work as they are. */
export function NewToken({ token, user, host, onClose }: Props) {
  const { notices, server } = useApp()
  const room = token.rooms?.[0]
  const port = portOptions(server.value.value)
  const door = `-h ${host} ${port} -u ${user} -P ${token.token}`
  const read = { name: 'Read along', text: `mosquitto_sub ${door} -v -t 'rooms/${room ?? '+'}/text'` }
  const write = { name: 'Send a line', text: `mosquitto_pub ${door} -t rooms/${room ?? 'ROOM'}/send -m 'hello'` }
  const lines = port === undefined ? [] : token.access === 'write' ? [write, read] : [read]
  return (
    <div class="form" role="status">
      <div class="note">
        <p class="note-text">Copy this token now. It is shown only this once.</p>
        <button type="button" class="button" onClick={onClose}>
          Done
        </button>
      </div>
      {[{ name: `Token “${token.name}”`, text: token.token }, ...lines].map(({ name, text }) => (
        <div key={name} class="code-block">
          <div class="section-head">
            <span class="label">{name}</span>
            <button type="button" class="button" onClick={() => copyText(text, notices)}>
              <Icon name="copy" />
              Copy<span class="visually-hidden"> {name}</span>
            </button>
          </div>
          <pre>{text}</pre>
        </div>
      ))}
    </div>
  )
}

/** How mosquitto's programs reach the server; `undefined` where MQTT is spoken over WebSocket alone. */
function portOptions(server: ServerInfo | undefined): string | undefined {
  if (!server) return '-p 1883'
  if (server.mqttsPort > 0) return `-p ${server.mqttsPort} --tls-use-os-certs`
  return server.mqttPort > 0 ? `-p ${server.mqttPort}` : undefined
}
