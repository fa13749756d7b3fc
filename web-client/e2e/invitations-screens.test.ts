import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeWith } from '../../scripts/test-programs.ts'
import { type Product, startProduct } from '../../test/start-product.ts'
import { overflows, smallTargets, violations } from './accessibility.ts'
import { COMPACT, openBrowser, signIn, type Visitor, visit, WIDE } from './browser.ts'
import { askToJoin, inviteLink, inviteUser, seedTown, takeRequests } from './invitations-seed.ts'
import { createRoom, register } from './seed.ts'

/** Pictures of what is tested are kept there. */
const PICTURES = process.env.SCREENS_TO

describeWith('chromium', 'screens of invitations', () => {
  let product: Product
  let browser: Browser
  let link: string

  beforeAll(async () => {
    product = await startProduct({ LIMIT_REQUESTS_PER_MINUTE: '0' })
    browser = await openBrowser()
    const { ana, bob, carla } = await seedTown(product.url)
    const eva = await register(product.url, 'eva', 'Eva Lind')
    await createRoom(product.url, bob, { id: 'garden', name: 'Garden', kind: 'private' })
    await createRoom(product.url, carla, { id: 'choir', name: 'Choir of the old town', kind: 'private' })
    await createRoom(product.url, carla, { id: 'attic', name: 'Attic', kind: 'private' })
    await inviteUser(product.url, carla, 'choir', 'ana')
    await inviteUser(product.url, ana, 'design', 'eva')
    await inviteLink(product.url, ana, 'design', { expiresIn: 7200, uses: 10 })
    link = await inviteLink(product.url, ana, 'design', { role: 'reader' })
    for (const [by, room] of [
      [ana, 'design'],
      [bob, 'garden'],
    ] as const) {
      await takeRequests(product.url, by, room)
    }
    await register(product.url, 'finn', 'Finn Berg').then((finn) =>
      askToJoin(product.url, finn, 'design', 'I drew the first logo, back in spring'),
    )
    await askToJoin(product.url, ana, 'garden', 'May I?')
    expect(eva.username).toBe('eva')
  })
  afterAll(async () => {
    await browser?.close()
    await product?.stop()
  })

  describe.each([
    { size: WIDE, theme: 'light' as const, least: 32 },
    { size: WIDE, theme: 'dark' as const, least: 32 },
    { size: COMPACT, theme: 'light' as const, least: 44 },
    { size: COMPACT, theme: 'dark' as const, least: 44 },
  ])('$size.width wide, $theme', ({ size, theme, least }) => {
    let visitor: Visitor

    async function check(name: string): Promise<void> {
      await visitor.page.waitForFunction(() => document.querySelector('[aria-busy=true]') === null)
      if (PICTURES !== undefined) {
        await visitor.page.screenshot({ path: `${PICTURES}/${name}-${size.width}-${theme}.png` })
      }
      expect.soft(await violations(visitor), name).toEqual([])
      expect.soft(await smallTargets(visitor, least), name).toEqual([])
      expect.soft(await overflows(visitor), name).toBe(false)
    }

    beforeAll(async () => {
      visitor = await visit(browser, link, { size, theme, bypassPolicy: true, expectedStatus: [400, 401, 403] })
    })
    afterAll(async () => {
      await visitor?.context.close()
    })

    test('[B1] [B4] a link in the hands of somebody unknown', async () => {
      const { page } = visitor
      await page.getByRole('heading', { name: 'Ana Marlowe invites you to Design' }).waitFor()
      await check('link')
      await page.getByRole('link', { name: 'Create an account' }).click()
      await page.getByText('Ana Marlowe invites you to Design').waitFor()
      await check('link-sign-up')
      await page.getByRole('link', { name: 'Sign in' }).click()
      await page.getByRole('heading', { name: 'Sign in' }).waitFor()
      await check('link-sign-in')
      await page.goto(`${product.url}/invite/not-a-code`)
      await page.getByText('The link is not valid any more').waitFor()
      await check('link-ended')
      await page.goto(product.url)
      await signIn(visitor, 'ana')
    })

    test('[B1] [B4] invitations above the rooms, and what a link shows to a member', async () => {
      const { page } = visitor
      await page.getByRole('heading', { name: 'Invitations' }).waitFor()
      await check('list')
      await page.goto(link)
      await page.getByRole('link', { name: 'Open the room' }).waitFor()
      await check('link-member')
    })

    test('[B1] [B4] requests, invitations and links in the details of a room', async () => {
      const { page } = visitor
      await page.goto(`${product.url}/r/design/details`)
      await page.getByRole('heading', { name: 'Requests to join' }).scrollIntoViewIfNeeded()
      await page.getByText('I drew the first logo').waitFor()
      await check('details')
      await page.getByRole('button', { name: 'Invite somebody' }).click()
      await page.getByRole('button', { name: 'New link' }).click()
      await page.getByRole('button', { name: 'Make the link' }).scrollIntoViewIfNeeded()
      await check('details-forms')
    })

    test('[B1] [B4] asking to be let in', async () => {
      const { page } = visitor
      await page.goto(`${product.url}/new/browse`)
      await page.getByText('May I?').scrollIntoViewIfNeeded()
      await check('ask')
      await page.goto(`${product.url}/r/attic`)
      await page.getByRole('button', { name: 'Ask to join' }).waitFor()
      await check('room-of-others')
    })

    test('[B6] nothing is said on the console', () => {
      expect(visitor.problems).toEqual([])
    })
  })
})
