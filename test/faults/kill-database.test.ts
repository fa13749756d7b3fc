/** Fault 4: PostgreSQL is killed under load while the process stays. */
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { findInstalledPostgres } from './database.ts'
import { FLAWLESS, Ledger } from './ledger.ts'
import { createRandom } from './random.ts'
import { type Kind, Town } from './town.ts'

const absent = findInstalledPostgres() === undefined && process.env.CI !== 'true'
const ROUNDS = 20

let town: Town | undefined
afterEach(async () => {
  await town?.end()
  town = undefined
})

/** `start`: brings the database back; absent, the product does it. */
async function surviveRounds(kind: Kind, start?: (of: Town) => Promise<void>): Promise<string> {
  town = await Town.start(kind)
  const random = createRandom()
  const ledger = new Ledger(town)
  const publishers = town.populate(random, { named: 16, unnamed: 1 })
  for (const publisher of publishers) publisher.publish()
  await town.recovers()
  const recoveries: number[] = []
  for (let round = 1; round <= ROUNDS; round++) {
    await delay(random.between(20, 400)) // the fault comes when it comes
    await town.database.kill()
    await start?.(town)
    recoveries.push(await town.recovers())
    expect({ round, ...(await ledger.check()) }).toEqual({ round, ...FLAWLESS })
  }
  await Promise.all(publishers.map((publisher) => publisher.finish()))
  expect(await ledger.check({ anew: true })).toEqual(FLAWLESS)
  const slowest = Math.max(...recoveries)
  expect(slowest).toBeLessThan(5_000)
  return `${ledger.size} messages, recovered in ${Math.min(...recoveries)} to ${slowest} ms`
}

describe('PostgreSQL is killed under load', () => {
  it('[P1][P4] our own is started again by the product: 20 rounds, nothing lost, nothing twice', async ({
    annotate,
  }) => {
    await annotate(await surviveRounds('embedded'))
  }, 120_000)

  it.skipIf(absent)(
    '[P1][P4] a separate one is started again at once: 20 rounds, nothing lost, nothing twice',
    async ({ annotate }) => {
      await annotate(await surviveRounds('separate', (of) => of.separate?.start() as Promise<void>))
    },
    120_000,
  )

  it.skipIf(absent)(
    '[P1] a separate one is away for 8 s: commands wait or are rejected, HTTP says 503, then all goes on',
    async ({ annotate }) => {
      town = await Town.start('separate')
      const ledger = new Ledger(town)
      const publishers = town.populate(createRandom(), { named: 16, unnamed: 1 })
      for (const publisher of publishers) publisher.publish()
      await town.recovers()

      await town.database.kill()
      const killed = performance.now()
      await town.becomes(503, 3_000)
      const acknowledged = publishers.map((publisher) => publisher.acknowledged.size)
      const answers = await Promise.all([
        town.request('GET', '/api/rooms', undefined, 'anna'),
        town.request('GET', '/api/messages?room=attic', undefined, 'anna'),
        town.request('POST', '/api/messages', { room: 'attic', text: 'anybody there?' }, 'anna'),
        town.request('POST', '/api/login', { username: 'anna', password: 'not that it matters' }),
      ])
      expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503])
      const slowest = Math.max(...answers.map(({ ms }) => ms))
      expect(slowest).toBeLessThan(6_000)
      await delay(8_000 - (performance.now() - killed))
      expect(publishers.map((publisher) => publisher.acknowledged.size)).toEqual(acknowledged)
      for (const { refusals } of publishers) expect([...refusals.keys()]).toEqual(['unavailable'])
      expect((await town.request('GET', '/health/live')).status).toBe(200)

      await town.separate?.start()
      const recovery = await town.recovers()
      expect(recovery).toBeLessThan(5_000)
      await Promise.all(publishers.map((publisher) => publisher.finish()))
      expect(await ledger.check({ anew: true })).toEqual(FLAWLESS)
      for (const { named, sent, acknowledged: taken, refused } of publishers) {
        expect(taken.size + refused.size).toBe(sent)
        if (named) expect(refused.size).toBe(0)
      }
      await annotate(`503 after at most ${Math.round(slowest)} ms, recovered ${recovery} ms after the start`)
    },
    60_000,
  )
})
