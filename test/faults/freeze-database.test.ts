/** Fault 6: PostgreSQL is there, but does not answer. */
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { findInstalledPostgres } from './database.ts'
import { FLAWLESS, Ledger } from './ledger.ts'
import { Pinger, tryToConnect } from './pinger.ts'
import { createRandom } from './random.ts'
import { type Kind, Town } from './town.ts'

const absent = findInstalledPostgres() === undefined && process.env.CI !== 'true'
const FROZEN_MS = Number(process.env.FAULT_FROZEN_MS ?? 8_000)

let town: Town | undefined
afterEach(async () => {
  await town?.end()
  town = undefined
})

async function surviveFrost(kind: Kind): Promise<string> {
  town = await Town.start(kind)
  const random = createRandom()
  const ledger = new Ledger(town)
  const publishers = town.populate(random, { named: 16, unnamed: 1 })
  const flood = { user: 'bertil', device: 'bertil-flood', named: true, window: 5_000, perTick: 20, random }
  town.addPublisher(flood)
  const pinger = await Pinger.connect(town, 'chris')
  for (const publisher of publishers) publisher.publish()
  await town.recovers()
  await delay(1_000) // the memory of a process that has found its pace
  const before = await town.memory()

  await town.database.freeze()
  const froze = performance.now()
  pinger.start()
  const ask = (of: Town) =>
    Promise.all([
      of.request('GET', '/api/rooms', undefined, 'anna'),
      of.request('GET', '/api/messages?room=attic', undefined, 'anna'),
      of.request('POST', '/api/messages', { room: 'attic', text: 'anybody there?' }, 'anna'),
      of.request('POST', '/api/login', { username: 'anna', password: 'not that it matters' }),
      of.request('GET', '/health/ready'),
    ])
  const asked = Promise.all([ask(town), delay(1_500).then(() => ask(town as Town))])
  const login = tryToConnect(town, 'anna', 'anna-new', town.token('anna', 'unused'))
  let highest = before
  while (performance.now() - froze < FROZEN_MS) {
    highest = Math.max(highest, await town.memory())
    await delay(50)
  }
  const answers = (await asked).flat()
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 503))
  const slowest = Math.max(...answers.map(({ ms }) => ms))
  expect(slowest).toBeLessThan(6_000)
  const { code, ms } = await login
  expect(code).toBe(3)
  expect(ms).toBeLessThan(8_000)

  await town.database.thaw()
  const recovery = await town.recovers()
  expect(recovery).toBeLessThan(5_000)
  const pings = pinger.stop()
  expect(pings.slowest).toBeLessThan(1_000)
  expect(pings.answered).toBeGreaterThan(FROZEN_MS / 250)
  expect(highest - before).toBeLessThan(64)
  await Promise.all(publishers.map((publisher) => publisher.finish()))
  expect(await ledger.check({ anew: true })).toEqual(FLAWLESS)
  const rejected = publishers.reduce((sum, { refusals }) => sum + (refusals.get('unavailable') ?? 0), 0)
  const figures = [
    `503 after at most ${Math.round(slowest)} ms, CONNACK 3 after ${Math.round(ms)} ms`,
    `pings answered within ${Math.round(pings.slowest)} ms, ${Math.round(before)} MB + ${Math.round(highest - before)} MB`,
    `${rejected} rejected, recovered in ${recovery} ms, ${ledger.size} messages in the log`,
  ]
  return figures.join('; ')
}

describe('PostgreSQL is frozen under load', () => {
  it('[P1][P7] our own: 503, pings answered, memory bounded; afterwards nothing lost, nothing twice', async ({
    annotate,
  }) => {
    await annotate(await surviveFrost('embedded'))
  }, 90_000)

  it.skipIf(absent)(
    '[P1][P7] a separate one: 503, pings answered, memory bounded; afterwards nothing lost, nothing twice',
    async ({ annotate }) => {
      await annotate(await surviveFrost('separate'))
    },
    90_000,
  )

  it('[P1] the postmaster alone: who has a connection goes on, and nothing hangs', async () => {
    town = await Town.start('embedded')
    const ledger = new Ledger(town)
    const publishers = town.populate(createRandom(), { named: 16, unnamed: 1 })
    for (const publisher of publishers) publisher.publish()
    await town.recovers()
    await town.database.freezePostmaster()
    await Promise.all(publishers.map((publisher) => publisher.nextAcknowledgement()))
    const paths = ['/api/rooms', '/api/messages?room=attic', '/health/ready']
    const users = ['anna', 'bertil', 'chris']
    const answers = await Promise.all(
      users.flatMap((user) => paths.map((path) => town?.request('GET', path, undefined, user))),
    )
    for (const answer of answers) {
      expect([200, 503]).toContain(answer?.status)
      expect(answer?.ms).toBeLessThan(6_000)
    }
    await town.database.thaw()
    expect(await town.recovers()).toBeLessThan(5_000)
    await Promise.all(publishers.map((publisher) => publisher.finish()))
    expect(await ledger.check({ anew: true })).toEqual(FLAWLESS)
  }, 60_000)
})
