/** Roles, mutes, bans and rules of a room, as owners and as those concerned see them. */
import { mkdirSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeWith } from '../../scripts/test-programs.ts'
import { type Product, startProduct } from '../../test/start-product.ts'
import { overflows, smallTargets, violations } from './accessibility.ts'
import { COMPACT, message, openBrowser, say, signIn, type Visitor, visit, WIDE } from './browser.ts'
import { createRoom, type Person, seedTown } from './seed.ts'

/** Where pictures of the screens go, for people to look at. */
const SHOTS = process.env.SCREENSHOTS

describeWith('chromium', 'moderation', () => {
  let product: Product
  let browser: Browser
  let people: Record<'ana' | 'bob' | 'carla', Person>
  let rooms = 0

  beforeAll(async () => {
    product = await startProduct({ LIMIT_REQUESTS_PER_MINUTE: '0' })
    browser = await openBrowser()
    people = await seedTown(product.url)
    if (SHOTS !== undefined) mkdirSync(SHOTS, { recursive: true })
  })
  afterAll(async () => {
    await browser?.close()
    await product?.stop()
  })

  async function makeRoom(kind: 'public' | 'private' = 'private'): Promise<string> {
    const id = `ruled-${++rooms}`
    await createRoom(product.url, people.ana, { id, name: `Ruled ${rooms}`, kind, members: ['bob', 'carla'] })
    return id
  }

  async function openAs(name: string, path: string, options: Parameters<typeof visit>[2] = {}): Promise<Visitor> {
    const visitor = await visit(browser, product.url, { expectedStatus: [401, 403], ...options })
    await signIn(visitor, name)
    await visitor.page.goto(product.url + path)
    return visitor
  }

  const choose = async ({ page }: Visitor, person: string, action: string): Promise<void> => {
    await page.getByRole('button', { name: `Actions for ${person}` }).click()
    await page.getByRole('menuitem', { name: action }).click()
  }
  const close = (...visitors: Visitor[]) => Promise.all(visitors.map(({ context }) => context.close()))

  test('[MOD3] [MOD4] a mute is seen at once by whom it concerns, and lifted at once', async () => {
    const room = await makeRoom()
    const [ana, bob] = await Promise.all([openAs('ana', `/r/${room}/details`), openAs('bob', `/r/${room}`)])
    await bob.page.getByRole('textbox', { name: /^Message to/ }).waitFor()
    await choose(ana, 'Bob Tanaka', 'Mute')
    const dialog = ana.page.getByRole('dialog')
    await dialog.getByLabel('For how long').selectOption('1 hour')
    await dialog.getByRole('button', { name: 'Mute' }).click()
    await bob.page.getByText(/You are muted until .* You can read along/).waitFor()
    await ana.page.getByText(/Member · muted until/).waitFor()
    await say(ana, 'listen')
    await message(bob, 'listen').waitFor()
    await choose(ana, 'Bob Tanaka', 'Let write again')
    await bob.page.getByRole('textbox', { name: /^Message to/ }).waitFor()
    await say(bob, 'thank you')
    await message(ana, 'thank you').waitFor()
    expect([...ana.problems, ...bob.problems]).toEqual([])
    await close(ana, bob)
  })

  test('[MOD1] [MOD2] [P6] who is banned while the room is open is told so, and can be let in again', async () => {
    const room = await makeRoom('public')
    const [ana, carla] = await Promise.all([openAs('ana', `/r/${room}/details`), openAs('carla', `/r/${room}`)])
    await carla.page.getByRole('textbox', { name: /^Message to/ }).waitFor()
    await choose(ana, 'Carla de la Fuente', 'Ban from room')
    const dialog = ana.page.getByRole('dialog')
    await dialog.getByLabel('For how long').selectOption('Without end')
    await dialog.getByLabel('Reason').fill('off topic')
    await dialog.getByRole('button', { name: 'Ban' }).click()
    await carla.page.getByText('Ana Marlowe banned you from this room. Reason: off topic').waitFor()
    expect(await carla.page.getByRole('button', { name: /Join/ }).count()).toBe(0)
    await ana.page.getByText(/Without end, by Ana Marlowe: off topic/).waitFor()
    await carla.page.reload()
    await carla.page.getByText('You are banned from this room.').waitFor()
    await ana.page.getByRole('button', { name: 'Lift the ban of Carla de la Fuente' }).click()
    await ana.page.getByText('Nobody is banned from this room.').waitFor()
    await carla.page.getByRole('button', { name: 'Try again' }).click()
    await carla.page.getByRole('button', { name: 'Join to write' }).click()
    await carla.page.getByRole('textbox', { name: /^Message to/ }).waitFor()
    expect([...ana.problems, ...carla.problems]).toEqual([])
    await close(ana, carla)
  })

  test('[SET1] [SET2] [SET3] [SET4] announcements, slow mode and the archive act on open rooms', async () => {
    const room = await makeRoom()
    const [ana, bob] = await Promise.all([openAs('ana', `/r/${room}/details`), openAs('bob', `/r/${room}`)])
    const composer = bob.page.getByRole('textbox', { name: /^Message to/ })
    await composer.waitFor()
    await ana.page.getByRole('checkbox', { name: /^Announcements/ }).check()
    await bob.page.getByText('Only admins write in this room.').waitFor()
    await ana.page.getByRole('checkbox', { name: /^Announcements/ }).uncheck()
    await ana.page.getByLabel('Slow mode').selectOption('1 minute')
    await composer.waitFor()
    await ana.page.getByText('Saved').first().waitFor()
    await say(bob, 'first')
    await bob.page.getByText(/Slow mode: you can write again in \d+ s$/).waitFor()
    await composer.fill('second')
    await composer.press('Enter')
    await bob.page.getByText(/Slow mode: you can write again in \d+ s\.$/).waitFor()
    expect(await composer.inputValue()).toBe('second')
    await ana.page.getByLabel('Slow mode').selectOption('Off')
    await bob.page.getByRole('button', { name: 'Send', exact: true }).click()
    await message(ana, 'second').waitFor()

    await ana.page.getByRole('button', { name: 'Archive room' }).click()
    await ana.page.getByRole('dialog').getByRole('button', { name: 'Archive room' }).click()
    await bob.page.getByText('This room is archived').waitFor()
    await ana.page.getByRole('button', { name: 'Bring back' }).click()
    await composer.waitFor()
    expect([...ana.problems, ...bob.problems]).toEqual([])
    await close(ana, bob)
  })

  test('[MOD5] [ROOM6] a room is handed over, and deleted only by its typed name', async () => {
    const room = await makeRoom()
    const [ana, bob] = await Promise.all([openAs('ana', `/r/${room}/details`), openAs('bob', `/r/${room}/details`)])
    expect(await bob.page.getByRole('button', { name: 'Delete room' }).count()).toBe(0)
    await choose(ana, 'Bob Tanaka', 'Hand over the room')
    await ana.page.getByRole('dialog').getByRole('button', { name: 'Hand over' }).click()
    await bob.page.getByRole('button', { name: 'Delete room' }).click()
    const dialog = bob.page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Delete room' }).click()
    await dialog.getByText(/This is not the name/).waitFor()
    await dialog.getByRole('textbox').fill(`Ruled ${rooms}`)
    await dialog.getByRole('button', { name: 'Delete room' }).click()
    await bob.page.getByText('Choose a conversation').waitFor()
    await ana.page
      .getByText('You are not a member of this room.')
      .or(ana.page.getByText(/removed you/))
      .waitFor()
    await close(ana, bob)
  })

  describe.each([
    { size: WIDE, theme: 'light' as const, least: 32 },
    { size: WIDE, theme: 'dark' as const, least: 32 },
    { size: COMPACT, theme: 'light' as const, least: 44 },
    { size: COMPACT, theme: 'dark' as const, least: 44 },
  ])('$size.width wide, $theme', ({ size, theme, least }) => {
    test('[B1] [B4] no violation and no small target', async () => {
      const room = await makeRoom()
      const rest = {
        method: 'PUT',
        headers: { authorization: `Bearer ${people.ana.accessToken}`, 'content-type': 'application/json' },
      }
      const put = (path: string, body: object) =>
        fetch(`${product.url}/api/rooms/${room}/${path}`, { ...rest, body: JSON.stringify(body) })
      await put('bans/carla', { reason: 'Selling things, again and again', until: Date.now() + 7 * 86_400_000 })
      await put('mutes/bob', { until: Date.now() + 3_600_000 })
      const ana = await openAs('ana', `/r/${room}/details`, { size, theme, bypassPolicy: true })
      await ana.page.locator('.row-line', { hasText: 'Selling things' }).waitFor()
      const check = async (name: string): Promise<void> => {
        if (SHOTS !== undefined) await ana.page.screenshot({ path: `${SHOTS}/${name}-${size.width}-${theme}.png` })
        expect.soft(await violations(ana), name).toEqual([])
        expect.soft(await smallTargets(ana, least), name).toEqual([])
        expect.soft(await overflows(ana), name).toBe(false)
      }
      await check('details')
      await ana.page.getByRole('heading', { name: 'Rules' }).scrollIntoViewIfNeeded()
      await check('rules')
      await ana.page.getByRole('heading', { name: 'Banned' }).scrollIntoViewIfNeeded()
      await check('banned')
      await ana.page.getByRole('button', { name: 'Delete room' }).click()
      await check('delete')
      await ana.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
      await ana.page.getByRole('button', { name: 'Actions for Bob Tanaka' }).click()
      await check('menu')
      await ana.page.getByRole('menuitem', { name: 'Ban from room' }).click()
      await check('ban')
      expect(ana.problems).toEqual([])

      const bob = await openAs('bob', `/r/${room}`, { size, theme, bypassPolicy: true })
      await bob.page.getByText('You are muted').waitFor()
      if (SHOTS !== undefined) await bob.page.screenshot({ path: `${SHOTS}/muted-${size.width}-${theme}.png` })
      expect.soft(await violations(bob)).toEqual([])
      await close(ana, bob)
    })
  })
})
