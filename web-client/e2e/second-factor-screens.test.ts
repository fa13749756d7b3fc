import { Secret, TOTP } from 'otpauth'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeWith } from '../../scripts/test-programs.ts'
import { type Product, startProduct } from '../../test/start-product.ts'
import { overflows, smallTargets, violations } from './accessibility.ts'
import { COMPACT, openBrowser, PASSWORD, signIn, type Visitor, visit, WIDE } from './browser.ts'
import { register } from './seed.ts'
import { addVirtualAuthenticator } from './virtual-authenticator.ts'

describeWith('chromium', 'screens of two-factor sign-in and passkeys', () => {
  let product: Product
  let browser: Browser
  let url: string

  beforeAll(async () => {
    product = await startProduct({ LIMIT_REQUESTS_PER_MINUTE: '0' })
    browser = await openBrowser()
    url = product.url.replace('127.0.0.1', 'localhost')
  })
  afterAll(async () => {
    await browser?.close()
    await product?.stop()
  })

  describe.each([
    { user: 'ana', size: WIDE, theme: 'light' as const, least: 32 },
    { user: 'bea', size: WIDE, theme: 'dark' as const, least: 32 },
    { user: 'cem', size: COMPACT, theme: 'light' as const, least: 44 },
    { user: 'dan', size: COMPACT, theme: 'dark' as const, least: 44 },
  ])('$size.width wide, $theme', ({ user, size, theme, least }) => {
    let visitor: Visitor
    const check = async (name: string): Promise<void> => {
      await visitor.page.waitForFunction(() => document.querySelector('.skeleton, [aria-busy=true]') === null)
      expect.soft(await violations(visitor), name).toEqual([])
      expect.soft(await smallTargets(visitor, least), name).toEqual([])
      expect.soft(await overflows(visitor), name).toBe(false)
    }

    const checkDialog = async (name: string): Promise<void> => {
      await visitor.page.getByRole('dialog').waitFor()
      await check(name)
    }

    beforeAll(async () => {
      await register(product.url, user, `Person called ${user}`)
      visitor = await visit(browser, `${url}/signin`, { size, theme, bypassPolicy: true, expectedStatus: [401] })
      await addVirtualAuthenticator(visitor)
    })
    afterAll(async () => {
      await visitor?.context.close()
    })

    test('[B1] [B4] none of them has a violation or a small target', async () => {
      const { page } = visitor
      await page.getByRole('button', { name: 'Use a passkey' }).waitFor()
      await page.getByRole('link', { name: 'Create an account' }).waitFor()
      await check('sign-in')
      await signIn(visitor, user)
      await page.goto(`${url}/settings/security`)
      await page.getByText('You have no passkeys yet.').waitFor()
      await check('security-empty')

      await page.getByRole('button', { name: 'Set up an authenticator app' }).click()
      await page.getByRole('img', { name: /^QR code/ }).waitFor()
      await checkDialog('set-up')
      const secret = (await page.getByRole('dialog').locator('pre').textContent())?.replaceAll(' ', '') ?? ''
      const app = new TOTP({ secret: Secret.fromBase32(secret) })
      await page.getByRole('dialog').getByRole('textbox', { name: 'Code' }).fill(app.generate())
      await page.getByRole('button', { name: 'Turn on' }).click()
      await page.getByRole('button', { name: 'I have kept them' }).waitFor()
      await checkDialog('recovery-codes')
      await page.getByRole('button', { name: 'I have kept them' }).click()

      await page.getByLabel('Name of a new passkey').fill('Blue security key')
      await page.getByRole('button', { name: 'Add a passkey' }).click()
      await page.getByText('never used').waitFor()
      await page.getByText('10 are left.').scrollIntoViewIfNeeded()
      await check('security')
      await page.getByRole('button', { name: 'Rename Blue security key' }).click()
      await checkDialog('rename')
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Remove the authenticator app' }).click()
      await checkDialog('remove-app')
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Remove Blue security key' }).click()
      await checkDialog('remove-passkey')
      await page.keyboard.press('Escape')

      await page.goto(`${url}/settings/profile`)
      await page.getByRole('button', { name: 'Sign out', exact: true }).click()
      await page.getByLabel('User name').fill(user)
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.getByRole('heading', { name: 'One more step' }).waitFor()
      await check('second-code')
      await page.getByLabel('Code', { exact: true }).fill('000000')
      await page.getByText('The code is wrong or was used already.').waitFor()
      await check('second-code-wrong')
      await page.getByRole('button', { name: 'Use a recovery code' }).click()
      await check('second-recovery')
      await page.getByRole('button', { name: 'Use a passkey' }).click()
      await check('second-passkey')
      await page.getByRole('button', { name: 'Back to the beginning' }).click()
      await page.getByRole('heading', { name: 'Sign in' }).waitFor()
      expect(visitor.problems).toEqual([])
    })
  })
})
