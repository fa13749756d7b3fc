import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeWith } from '../../scripts/test-programs.ts'
import { type Product, startProduct } from '../../test/start-product.ts'
import { overflows, smallTargets, violations } from './accessibility.ts'
import { COMPACT, openBrowser, signIn, type Visitor, visit, WIDE } from './browser.ts'
import { seedTown } from './seed.ts'

const SIGNED_OUT = [
  { name: 'goodbye', path: '/goodbye', shows: 'Goodbye' },
  { name: 'sign in', path: '/signin', shows: 'Sign in' },
  { name: 'sign up', path: '/signup', shows: 'Create an account' },
]
const SIGNED_IN = [
  { name: 'list', path: '/', shows: 'Conversations' },
  { name: 'room', path: '/r/design', shows: 'Design' },
  { name: 'room details', path: '/r/design/details', shows: 'Details' },
  { name: 'public room', path: '/r/lunch', shows: 'Lunch' },
  { name: 'people', path: '/new/people', shows: 'New conversation' },
  { name: 'new room', path: '/new/room', shows: 'New conversation' },
  { name: 'browse', path: '/new/browse', shows: 'New conversation' },
  { name: 'profile', path: '/settings/profile', shows: 'Settings' },
  { name: 'privacy', path: '/settings/privacy', shows: 'Settings' },
  { name: 'security', path: '/settings/security', shows: 'Settings' },
  { name: 'sessions', path: '/settings/sessions', shows: 'Settings' },
  { name: 'tokens', path: '/settings/tokens', shows: 'Settings' },
  { name: 'appearance', path: '/settings/appearance', shows: 'Settings' },
  { name: 'your data', path: '/settings/data', shows: 'Delete your account' },
  { name: 'admin: reports', path: '/admin/reports', shows: 'Administration' },
  { name: 'admin: people', path: '/admin/users', shows: 'Administration' },
  { name: 'admin: rooms', path: '/admin/rooms', shows: 'Administration' },
  { name: 'admin: invitations', path: '/admin/invites', shows: 'Administration' },
  { name: 'admin: audit log', path: '/admin/audit', shows: 'Administration' },
  { name: 'admin: server', path: '/admin/status', shows: 'Administration' },
  { name: 'nothing', path: '/nothing', shows: 'There is nothing here' },
]
describeWith('chromium', 'screens', () => {
  let product: Product
  let browser: Browser

  beforeAll(async () => {
    product = await startProduct({ LIMIT_REQUESTS_PER_MINUTE: '0' })
    browser = await openBrowser()
    await seedTown(product.url)
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
    const show = async (path: string, text: string): Promise<void> => {
      await visitor.page.goto(product.url + path)
      await visitor.page.getByRole('heading', { name: text, exact: true }).first().waitFor()
      await visitor.page.waitForFunction(() => document.querySelector('[aria-busy=true]') === null)
    }
    const check = async (): Promise<void> => {
      expect.soft(await violations(visitor)).toEqual([])
      expect.soft(await smallTargets(visitor, least)).toEqual([])
      expect.soft(await overflows(visitor)).toBe(false)
    }

    beforeAll(async () => {
      visitor = await visit(browser, product.url, { size, theme, bypassPolicy: true, expectedStatus: [401] })
    })
    afterAll(async () => {
      await visitor?.context.close()
    })

    test.each(SIGNED_OUT)('[B1] [B4] $name has no violation and no small target', async ({ path, shows }) => {
      await show(path, shows)
      await check()
    })

    test.each(SIGNED_IN)('[B1] [B4] $name has no violation and no small target', async ({ path, shows }) => {
      if (await visitor.page.getByRole('button', { name: 'Create account' }).isVisible()) {
        await visitor.page.goto(`${product.url}/signin`)
        await signIn(visitor, 'ana')
      }
      await show(path, shows)
      await check()
    })

    test('[B6] nothing is said on the console', () => {
      expect(visitor.problems).toEqual([])
    })
  })

  test('[T1] a room that is not there, or not mine, is said so, with a way on', async () => {
    const visitor = await visit(browser, product.url, { expectedStatus: [401, 403] })
    await signIn(visitor, 'ana')
    await visitor.page.goto(`${product.url}/r/no-such-room`)
    await visitor.page.getByRole('heading', { name: 'This room cannot be shown' }).waitFor()
    await visitor.page.getByRole('link', { name: 'To your conversations' }).click()
    await visitor.page.getByText('Choose a conversation').waitFor()
    expect(visitor.problems).toEqual([])
    await visitor.context.close()
  })

  test('[X10] 320 pixels are enough: nothing needs to be scrolled sideways', async () => {
    const visitor = await visit(browser, product.url, { size: { width: 320, height: 640 }, expectedStatus: [401] })
    await signIn(visitor, 'ana')
    for (const { path, shows } of SIGNED_IN) {
      await visitor.page.goto(product.url + path)
      await visitor.page.getByRole('heading', { name: shows, exact: true }).first().waitFor()
      expect(visitor.problems, path).toEqual([])
      expect(await overflows(visitor), path).toBe(false)
    }
    await visitor.context.close()
  })
})
