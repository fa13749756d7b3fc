/** Fault 2: SIGTERM under load. */
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { findInstalledPostgres } from './database.ts'
import { FLAWLESS, Ledger } from './ledger.ts'
import { tryToConnect } from './pinger.ts'
import { createRandom } from './random.ts'
import { Town } from './town.ts'

const absent = findInstalledPostgres() === undefined && process.env.CI !== 'true'
const ROUNDS = 5
const USERS = ['anna', 'bertil', 'chris']

let town: Town | undefined
afterEach(async () => {
  await town?.end()
  town = undefined
})

/** What /health/ready answers, again and again until `over`; 0: nobody listens. */
async function watchReadiness(of: Town, over: Promise<unknown>): Promise<number[]> {
  const seen: number[] = []
  let isOver = false
  const end = over.finally(() => {
    isOver = true
  })
  while (!isOver) {
    seen.push(
      await of.request('GET', '/health/ready').then(
        ({ status }) => status,
        () => 0,
      ),
    )
    await delay(2)
  }
  await end
  return seen
}

describe('SIGTERM under load', () => {
  it('[P1] exit 0, not ready and closed at once, no wills, nothing lost, nothing twice: 5 rounds', async ({
    annotate,
  }) => {
    town = await Town.start('embedded')
    const random = createRandom()
    const ledger = new Ledger(town)
    const publishers = USERS.flatMap((user) =>
      [true, false].map((named) => {
        const device = `${user}-${named ? 'named' : 'plain'}`
        const will = { topic: 'rooms/attic/send', payload: `will of ${device}` }
        return (town as Town).addPublisher({ user, device, named, window: named ? 16 : 8, random, will })
      }),
    )
    for (const publisher of publishers) publisher.publish()
    const durations: number[] = []
    for (let round = 1; round <= ROUNDS; round++) {
      await town.recovers()
      await delay(random.between(20, 500)) // the signal comes when it comes
      const began = performance.now()
      const stopped = town.product.stop()
      const [code, readiness, login] = await Promise.all([
        stopped,
        watchReadiness(town, stopped),
        delay(50).then(() => tryToConnect(town as Town, 'anna', 'anna-late')),
      ])
      durations.push(Math.round(performance.now() - began))
      expect(code).toBe(0)
      expect(login.code).not.toBe(0)
      const first = readiness.findIndex((status) => status !== 200)
      expect(readiness.slice(first)).not.toContain(200)
      expect(first).toBeLessThan(5)
      await town.restart()
      expect({ round, ...(await ledger.check()) }).toEqual({ round, ...FLAWLESS })
    }
    await Promise.all(publishers.map((publisher) => publisher.finish()))
    expect(await ledger.check({ anew: true })).toEqual(FLAWLESS)
    const sent = publishers.reduce((sum, publisher) => sum + publisher.sent, 0)
    expect(ledger.size).toBe(sent)
    expect(publishers.filter(({ device }) => ledger.has(`will of ${device}`))).toEqual([])
    expect(Math.max(...durations)).toBeLessThan(10_000)
    await annotate(`${sent} messages, ended in ${Math.min(...durations)} to ${Math.max(...durations)} ms`)
  }, 90_000)

  it.skipIf(absent)(
    '[P1] while the database is away: exit 0 within 10 s, nothing acknowledged',
    async ({ annotate }) => {
      town = await Town.start('separate')
      const ledger = new Ledger(town)
      const publishers = town.populate(createRandom(), { named: 16, unnamed: 8 })
      for (const publisher of publishers) publisher.publish()
      await town.recovers()
      await town.database.kill()
      await town.becomes(503, 3_000)
      const began = performance.now()
      expect(await town.product.stop()).toBe(0)
      const took = Math.round(performance.now() - began)
      expect(took).toBeLessThan(10_000)
      await town.separate?.start()
      await town.restart()
      await Promise.all(publishers.map((publisher) => publisher.finish()))
      expect(await ledger.check({ anew: true })).toEqual(FLAWLESS)
      await annotate(`ended in ${took} ms`)
    },
    60_000,
  )
})
