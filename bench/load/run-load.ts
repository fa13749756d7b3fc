import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { residentBytes } from '../servers/process-figures.ts'
import { Connection, wire } from './connection.ts'
import { Histogram } from './histogram.ts'
import { PUBACK, PUBLISH } from './mqtt-packets.ts'
import { startPacer } from './pacer.ts'
import type { LoadPlan, LoadResult } from './plan.ts'
import { Publisher } from './publisher.ts'
import { microseconds, Tally } from './tally.ts'
import { readUsage, spent, type Usage } from './usage.ts'

const DRAIN_SECONDS = 10
const QUIET_SECONDS = 2
const STALL_SECONDS = 1

/** Connects, publishes, checks every delivery, and leaves. */
export async function runLoad(plan: LoadPlan): Promise<LoadResult> {
  const load = new Load(plan)
  try {
    return await load.run()
  } finally {
    await load.leave()
  }
}

class Load {
  readonly #plan: LoadPlan
  readonly #run = randomInt(1000, 10_000)
  readonly #tally: Tally
  readonly #connections: Connection[] = []
  readonly #publishers: Publisher[] = []
  readonly #sendLag = new Histogram()
  #connected = 0
  #failed = 0
  #lostConnections = 0
  #rejected = 0
  #firstRejection: string | undefined
  #publishing = false
  #blocked = false
  #now = 0

  constructor(plan: LoadPlan) {
    this.#plan = plan
    this.#tally = new Tally(plan, this.#run)
  }

  async run(): Promise<LoadResult> {
    const { rampSeconds, seconds, publishers, subscribers, connectionsBefore } = this.#plan
    const memoryBefore = await this.#readMemory()
    await this.#connect(0, connectionsBefore)
    const memoryFirst = await this.#readMemory()
    const connecting = await this.#connect(connectionsBefore, subscribers + publishers)
    const memoryConnected = await this.#readMemory()

    let measured = connecting
    let [deliveries, messages, bytes] = [0, 0, 0]
    if (seconds > 0 && publishers > 0) {
      const pacer = this.#startPublishing()
      await sleep(rampSeconds * 1000)
      const tally = this.#tally
      ;[deliveries, messages, bytes] = [tally.deliveries, tally.acknowledged, wire.bytesIn]
      tally.latency = new Histogram()
      const before = readUsage(this.#plan)
      await sleep(seconds * 1000)
      measured = spent(before, readUsage(this.#plan))
      deliveries = tally.deliveries - deliveries
      messages = tally.acknowledged - messages
      bytes = wire.bytesIn - bytes
      this.#publishing = false
      await pacer.stop()
      await this.#drain()
    }
    return this.#result({
      connecting,
      measured,
      deliveries,
      messages,
      bytes,
      memoryBefore,
      memoryFirst,
      memoryConnected,
    })
  }

  async leave(): Promise<void> {
    for (const connection of this.#connections) connection.close()
    await sleep(200)
    for (const connection of this.#connections) connection.abandon()
  }

  async #readMemory(): Promise<number | undefined> {
    const { serverPid, idleSeconds } = this.#plan
    await sleep(idleSeconds * 1000)
    return serverPid === undefined ? undefined : residentBytes(serverPid)
  }

  async #connect(from: number, to: number): Promise<Usage> {
    const before = readUsage(this.#plan)
    let next = from
    const openNext = async (): Promise<void> => {
      while (next < to) {
        const index = next
        next += 1
        await this.#open(index)
      }
    }
    await Promise.all(Array.from({ length: this.#plan.connectParallel }, openNext))
    return spent(before, readUsage(this.#plan))
  }

  async #open(index: number): Promise<void> {
    const { subscribers, roomsPerSubscriber, rooms, subscribeTopic, port, path, user, password, qos } = this.#plan
    const isSubscriber = index < subscribers
    const slots = Array.from({ length: roomsPerSubscriber }, (_, slot) => (index + slot) % rooms.length)
    const listensTo = isSubscriber ? slots : []
    const connection = new Connection({
      port,
      clientId: `load-${this.#run}-${index}`,
      qos,
      filters: listensTo.map((room) => subscribeTopic.replace('{room}', rooms[room] ?? '')),
      ...(path === undefined ? {} : { path }),
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password }),
      onPacket: isSubscriber
        ? (firstByte, bytes, start, end) => this.#onDelivery(index, connection, firstByte, bytes, start, end)
        : (firstByte, bytes, start, end) => this.#onAnswer(index - subscribers, firstByte, bytes, start, end),
      onRead: () => this.#onRead(),
      onLost: () => {
        this.#lostConnections += 1
        this.#tally.noteLeft(listensTo)
      },
    })
    this.#connections.push(connection)
    try {
      await connection.open()
    } catch (error) {
      if (this.#failed === 0) console.error(`A connection failed: ${error instanceof Error ? error.message : error}`)
      this.#failed += 1
      return
    }
    this.#connected += 1
    for (const room of listensTo) this.#tally.audience[room] = (this.#tally.audience[room] ?? 0) + 1
    if (!isSubscriber) {
      const publisher = index - subscribers
      this.#publishers[publisher] = new Publisher(this.#plan, this.#run, this.#tally, publisher, connection)
    }
  }

  #onDelivery(
    subscriber: number,
    connection: Connection,
    firstByte: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    if (firstByte >> 4 !== PUBLISH) return
    let payload = start + 2 + (((bytes[start] ?? 0) << 8) | (bytes[start + 1] ?? 0))
    if (firstByte & 6) {
      connection.acknowledge(bytes[payload] ?? 0, bytes[payload + 1] ?? 0)
      payload += 2
    }
    // One look at the clock for all packets of a read: they arrived together.
    if (this.#now === 0) this.#now = microseconds()
    this.#tally.noteDelivered(subscriber, bytes, payload, end, this.#now)
  }

  #onAnswer(index: number, firstByte: number, bytes: Buffer, start: number, end: number): void {
    const publisher = this.#publishers[index]
    if (firstByte >> 4 === PUBACK && publisher) {
      publisher.inFlight -= 1
      this.#tally.acknowledged += 1
      this.#tally.lastProgress = microseconds()
      if (this.#publishing && this.#plan.rate === undefined && !publisher.fill()) this.#blocked = true
    } else if (firstByte >> 4 === PUBLISH) {
      this.#rejected += 1
      this.#firstRejection ??= bytes.toString('utf8', start + 2 + bytes.readUInt16BE(start), end)
    }
  }

  #onRead(): void {
    this.#now = 0
    if (!this.#blocked || !this.#publishing) return
    const { outstanding = 0, subscribers, rooms } = this.#plan
    if (this.#tally.outstanding + Math.ceil(subscribers / rooms.length) <= outstanding) this.#fillAll()
  }

  #fillAll(): void {
    this.#blocked = false
    for (const publisher of this.#publishers) if (!publisher?.fill()) this.#blocked = true
  }

  #startPublishing(): { stop: () => Promise<void> } {
    const { rate } = this.#plan
    this.#publishing = true
    if (rate === undefined) {
      this.#fillAll()
      const timer = setInterval(() => this.#forgetLosses(), 250)
      return { stop: async () => clearInterval(timer) }
    }
    const interval = 1000 / rate
    let tick = 0
    let start = 0
    return startPacer(interval, () => {
      const now = microseconds()
      if (tick === 0) start = now
      const due = start + tick * interval * 1000
      this.#publishers[tick % this.#publishers.length]?.publish(due)
      tick += 1
      this.#sendLag.add(microseconds() - due)
    })
  }

  // What was lost never arrives: waiting for it would end the run.
  #forgetLosses(): void {
    if (!this.#blocked || microseconds() - this.#tally.lastProgress < STALL_SECONDS * 1e6) return
    this.#tally.outstanding = 0
    this.#fillAll()
  }

  async #drain(): Promise<void> {
    const tally = this.#tally
    const end = microseconds() + DRAIN_SECONDS * 1e6
    while (tally.lost > 0 || tally.acknowledged < tally.published) {
      const now = microseconds()
      if (now > end || now - tally.lastProgress > QUIET_SECONDS * 1e6) break
      await sleep(5)
    }
    // A short look for late duplicates.
    await sleep(200)
  }

  #result(figures: {
    connecting: Usage
    measured: Usage
    deliveries: number
    messages: number
    bytes: number
    memoryBefore: number | undefined
    memoryFirst: number | undefined
    memoryConnected: number | undefined
  }): LoadResult {
    const { connecting, measured, deliveries, messages, bytes, memoryBefore, memoryFirst, memoryConnected } = figures
    const { seconds, serverSeconds, databaseSeconds } = measured
    const tally = this.#tally
    const opened = this.#connected - this.#plan.connectionsBefore
    const each = (total: number | undefined, count: number) =>
      total === undefined || count === 0 ? undefined : (total * 1e6) / count
    return JSON.parse(
      JSON.stringify({
        connected: this.#connected,
        failedConnections: this.#failed,
        connectsPerSecond: opened / connecting.seconds,
        cpuPerConnect: each(connecting.serverSeconds, opened),
        lostConnections: this.#lostConnections,
        published: tally.published,
        acknowledged: tally.acknowledged,
        rejected: this.#rejected,
        firstRejection: this.#firstRejection,
        deliveries: tally.deliveries,
        lost: tally.lost,
        duplicated: tally.duplicated,
        outOfOrder: tally.outOfOrder,
        foreign: tally.foreign,
        firstForeign: tally.firstForeign,
        seconds,
        messagesPerSecond: messages / seconds,
        deliveriesPerSecond: deliveries / seconds,
        wireBytesPerDelivery: deliveries > 0 ? bytes / deliveries : 0,
        latency: tally.latency.summary(),
        sendLag: this.#sendLag.summary(),
        loadShare: measured.ownSeconds / seconds,
        serverShare: serverSeconds === undefined ? undefined : serverSeconds / seconds,
        databaseShare: databaseSeconds === undefined ? undefined : databaseSeconds / seconds,
        coreBusy: measured.coreSeconds.map((busy) => busy / seconds),
        cpuPerDelivery: each(serverSeconds, deliveries),
        cpuPerMessage: each(serverSeconds, messages),
        databaseCpuPerMessage: each(databaseSeconds, messages),
        memoryBefore,
        memoryFirst,
        memoryConnected,
      }),
    ) as LoadResult
  }
}
