import type { Session } from '../auth-plugin/index.ts'
import type { Asker } from '../domain/index.ts'
import { type DeviceId, isDeviceId } from '../protocol/ids.ts'
import type { Reply } from '../protocol/requests.ts'
import { deviceReplies } from '../protocol/topics.ts'
import type { Link } from './aedes/engine.ts'
import { encodePublish } from './router/encode.ts'
import { Subscriptions } from './router/subscriptions.ts'

/** How the `renew` request proves a fresh token; set by the broker, as it asks the auth plugin. */
export type Renew = (connection: Connection, token: string) => Promise<{ expiresAt: number | null }>

/** One client that is connected: who it is, what it listens to, and the way to it. */
export class Connection implements Asker {
  session: Session
  readonly device: DeviceId
  /** Connected with clean session 0: its QoS 1 subscriptions to views are cursors. */
  readonly durable: boolean
  readonly link: Link
  readonly subscriptions = new Subscriptions()
  readonly #renew: Renew
  /** Publishes to unknown or foreign topics in the present minute. */
  offences = 0
  offencesSince = 0

  constructor(fields: { session: Session; device: DeviceId; durable: boolean; link: Link; renew: Renew }) {
    this.session = fields.session
    this.device = fields.device
    this.durable = fields.durable
    this.link = fields.link
    this.#renew = fields.renew
  }

  /** At QoS 0, whether or not the device has subscribed ([REJ1], [REQ2]). */
  reply(payload: Reply | object): void {
    const topic = Buffer.from(deviceReplies(this.session.user, this.device))
    this.link.outlet.write(encodePublish(topic, Buffer.from(JSON.stringify(payload)), false))
  }

  renew(token: string): Promise<{ expiresAt: number | null }> {
    return this.#renew(this, token)
  }
}

export const deviceIdOf = (clientId: string, makeId: () => string): DeviceId | undefined => {
  const id = clientId === '' ? makeId() : clientId
  return isDeviceId(id) ? id : undefined
}
