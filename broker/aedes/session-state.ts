import { Readable } from 'node:stream'

type Owner = { id: string }
type Numbered = { messageId?: number; brokerId?: string }

/**
 * Aedes' `persistence`, holding the little that its protocol handlers need of one connection: QoS 2 packets between
 * PUBLISH and PUBREL. Sessions are forced clean, wills live with their connection, retained values and durable
 * subscriptions are the router's.
 */
export function createSessionState(onAck: (owner: Owner, packetId: number) => void) {
  const incoming = new Map<string, Map<number, Numbered>>()

  return {
    broker: undefined as unknown,
    async setup(broker: unknown) {
      this.broker = broker
    },
    async storeRetained() {},
    createRetainedStream: nothingRetained,
    createRetainedStreamCombi: nothingRetained,
    async addSubscriptions() {},
    async removeSubscriptions() {},
    async subscriptionsByClient() {
      return []
    },
    async subscriptionsByTopic() {
      return []
    },
    async cleanSubscriptions() {},
    async outgoingEnqueue() {},
    async outgoingEnqueueCombi() {},
    async outgoingUpdate() {},
    async outgoingClearMessageId(client: Owner, packet: Numbered) {
      if (packet.messageId !== undefined) onAck(client, packet.messageId)
    },
    outgoingStream: () => Readable.from([]),
    async incomingStorePacket(client: Owner, packet: Numbered & { messageId: number }) {
      const packets = incoming.get(client.id) ?? new Map()
      incoming.set(client.id, packets.set(packet.messageId, { messageId: packet.messageId }))
    },
    async incomingGetPacket(client: Owner, packet: Numbered & { messageId: number }) {
      const found = incoming.get(client.id)?.get(packet.messageId)
      if (found === undefined) throw new Error('no such packet')
      return found
    },
    async incomingDelPacket(client: Owner, packet: Numbered & { messageId: number }) {
      if (incoming.get(client.id)?.delete(packet.messageId) !== true) throw new Error('no such packet')
    },
    async cleanIncoming(client: Owner) {
      incoming.delete(client.id)
    },
    async putWill() {},
    async getWill() {
      return undefined
    },
    async delWill() {
      return undefined
    },
    streamWill: () => Readable.from([]),
    async destroy() {
      incoming.clear()
    },
  }
}

/** Aedes pipes this into the connection; there is nothing to pipe. */
const nothingRetained = () => ({ pipe: <Target>(target: Target): Target => target })
