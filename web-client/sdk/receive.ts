/** What comes in over MQTT, sorted by topic. The server's payloads are typed by the contract and not checked again. */
import type { ChatEvent, RoomState } from '../../protocol/events.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { Notice, Presence, Receipt } from '../../protocol/presence.ts'
import type { Accepted, Rejection, Reply } from '../../protocol/requests.ts'
import { parseServerTopic } from '../../protocol/topics.ts'

export type Receivers = {
  event(room: RoomId, event: ChatEvent): void
  /** `undefined`: there is no such room any more. */
  state(room: RoomId, state: RoomState | undefined): void
  presence(user: UserId, presence: Presence): void
  typing(room: RoomId, user: UserId, typing: boolean): void
  receipt(room: RoomId, user: UserId, receipt: Receipt): void
  notice(notice: Notice): void
  reply(reply: Reply | Rejection | Accepted): void
}

const utf8 = new TextDecoder()

/** Hands one message to its receiver; topics and payloads of a future server that we cannot read are passed over. */
export function receive(topic: string, payload: Uint8Array, to: Receivers): void {
  const parsed = parseServerTopic(topic)
  if (!parsed) return
  let value: unknown
  try {
    value = payload.length === 0 ? undefined : JSON.parse(utf8.decode(payload))
  } catch {
    return
  }
  if (parsed.kind === 'state') to.state(parsed.room, value as RoomState | undefined)
  else if (value !== undefined) {
    switch (parsed.kind) {
      case 'view':
        if (parsed.view === 'messages') to.event(parsed.room, value as ChatEvent)
        break
      case 'presence':
        to.presence(parsed.user, value as Presence)
        break
      case 'typing':
        to.typing(parsed.room, parsed.user, value === 1)
        break
      case 'receipts':
        to.receipt(parsed.room, parsed.user, value as Receipt)
        break
      case 'inbox':
        to.notice(value as Notice)
        break
      case 'replies':
        to.reply(value as Reply | Rejection | Accepted)
        break
    }
  }
}
