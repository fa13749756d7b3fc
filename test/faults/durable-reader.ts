import mqtt, { type MqttClient } from 'mqtt'
import type { Town } from './town.ts'

/** A member with a durable subscription to all of his rooms: npm's mqtt client, which comes back by itself. */
export class DurableReader {
  /** Places where an event was shown before one with a lower seq. */
  readonly disorder: string[] = []
  readonly #client: MqttClient
  readonly #positions = new Map<string, number>()
  #tell: (() => void) | undefined

  private constructor(client: MqttClient) {
    this.#client = client
    client.on('message', (topic, payload) => {
      const room = topic.split('/')[1] as string
      const { seq } = JSON.parse(payload.toString('utf8')) as { seq: number }
      const position = this.#positions.get(room)
      if (position !== undefined && seq > position + 1) this.disorder.push(`${room}: ${position}, ${seq}`)
      this.#positions.set(room, Math.max(seq, position ?? 0))
      this.#tell?.()
    })
  }

  static async connect(town: Town, user: string): Promise<DurableReader> {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${town.product.mqttPort}`, {
      clientId: `${user}-reader`,
      username: user,
      password: town.token(user),
      clean: false,
      reconnectPeriod: 50,
    })
    const reader = new DurableReader(client)
    client.on('error', () => {}) // it comes back
    await client.subscribeAsync('rooms/+/messages', { qos: 1 })
    return reader
  }

  /** Resolves when every room was shown up to this seq. */
  reaches(heads: ReadonlyMap<string, number>): Promise<void> {
    const isThere = () => [...heads].every(([room, head]) => (this.#positions.get(room) ?? 0) >= head)
    return new Promise((resolve) => {
      this.#tell = () => {
        if (isThere()) resolve()
      }
      this.#tell()
    })
  }

  async end(): Promise<void> {
    await this.#client.endAsync(true)
  }
}
