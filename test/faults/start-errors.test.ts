/** What an operator is told when the database cannot be started. */
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { startProduct } from '../start-product.ts'
import { Town } from './town.ts'

const endings: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

async function startTown(): Promise<Town> {
  const town = await Town.start('embedded')
  endings.push(() => town.end())
  return town
}

describe('the database cannot be started', () => {
  it('another live process uses the directory: says so, exit code 1, and the other goes on', async () => {
    const town = await startTown()
    const second = startProduct({ DATA_DIR: town.product.dataDirectory })
    await expect(second).rejects.toThrow(
      /ended with 1 [\s\S]*Another Tidings process uses the database in \S+: stop it/,
    )
    await town.must('POST', '/api/messages', { room: 'attic', text: 'still here' }, 'anna')
    expect((await town.request('GET', '/health/ready')).status).toBe(200)
  })

  it('its user cannot enter the directory: says which folder bars the way, exit code 1', async () => {
    const barred = await mkdtemp(join(tmpdir(), 'tidings-faults-'))
    endings.push(() => rm(barred, { recursive: true, force: true }))
    const directory = join(barred, 'data')
    await mkdir(directory)
    const isRoot = process.getuid?.() === 0
    await chmod(barred, isRoot ? 0o700 : 0)
    const started = startProduct({ DATA_DIR: directory })
    await expect(started).rejects.toThrow(
      new RegExp(`ended with 1 [\\s\\S]*${isRoot ? `cannot enter ${barred}: allow it` : `EACCES[\\s\\S]*${barred}`}`),
    )
    await chmod(barred, 0o700)
  })

  it('[P1] after kill -9 it is ready again within 3 s, with its database and without', async ({ annotate }) => {
    const town = await startTown()
    const adopted = await town.killAndRestart()
    const recovered = await town.killAndRestart({ withDatabase: true })
    await annotate(`${Math.round(adopted)} ms with a database to adopt, ${Math.round(recovered)} ms without`)
    expect(adopted).toBeLessThan(3_000)
    expect(recovered).toBeLessThan(3_000)
  })
})
