/** Fault 1: the process is killed under load, with and without its database. */
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { findInstalledPostgres } from './database.ts'
import { DurableReader } from './durable-reader.ts'
import { FLAWLESS, Ledger } from './ledger.ts'
import { createRandom } from './random.ts'
import { type Kind, ROOMS, Town } from './town.ts'

const absent = findInstalledPostgres() === undefined && process.env.CI !== 'true'

let town: Town | undefined
afterEach(async () => {
  await town?.end()
  town = undefined
})

type Rounds = { rounds: number; withDatabase: boolean }

async function survive(kind: Kind, { rounds, withDatabase }: Rounds): Promise<string> {
  town = await Town.start(kind)
  const random = createRandom()
  const ledger = new Ledger(town)
  const reader = await DurableReader.connect(town, 'chris')
  const publishers = town.populate(random, { named: 16, unnamed: 8 })
  for (const publisher of publishers) publisher.publish()
  const starts: number[] = []
  for (let round = 1; round <= rounds; round++) {
    await delay(random.between(20, 900)) // the fault comes when it comes
    starts.push(await town.killAndRestart({ withDatabase }))
    expect({ round, ...(await ledger.check()) }).toEqual({ round, ...FLAWLESS })
  }

  await Promise.all(publishers.map((publisher) => publisher.finish()))
  expect(await ledger.check({ anew: true })).toEqual(FLAWLESS)
  expect(publishers.flatMap(({ refusals }) => [...refusals])).toEqual([])
  const sent = publishers.reduce((sum, publisher) => sum + publisher.sent, 0)
  expect(ledger.size).toBe(sent)
  await reader.reaches(new Map(ROOMS.map((room) => [room, ledger.head(room)])))
  expect(reader.disorder).toEqual([])
  await reader.end()

  const repeats = publishers.reduce((sum, publisher) => sum + publisher.repeats, 0)
  expect(repeats).toBeGreaterThan(rounds)
  return `${sent} messages, ${repeats} sent again, starts of ${Math.round(Math.min(...starts))} to ${Math.round(Math.max(...starts))} ms`
}

describe('the process is killed under load', () => {
  it('[P1][P4] its own database survives and is adopted: 20 rounds, nothing lost, nothing twice', async ({
    annotate,
  }) => {
    await annotate(await survive('embedded', { rounds: 20, withDatabase: false }))
  }, 150_000)

  it.skipIf(absent)(
    '[P1][P4] a separate PostgreSQL: 20 rounds, nothing lost, nothing twice',
    async ({ annotate }) => {
      await annotate(await survive('separate', { rounds: 20, withDatabase: false }))
    },
    150_000,
  )

  it('[P1][P4] together with its own database: 5 rounds, nothing lost, nothing twice', async ({ annotate }) => {
    await annotate(await survive('embedded', { rounds: 5, withDatabase: true }))
  }, 90_000)
})
