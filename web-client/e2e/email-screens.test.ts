import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeWith } from '../../scripts/test-programs.ts'
import { linkIn, type Mailbox, openMailbox } from '../../test/mailbox.ts'
import { type Product, startProduct } from '../../test/start-product.ts'
import { overflows, smallTargets, violations } from './accessibility.ts'
import { COMPACT, openBrowser, signUp, type Visitor, visit, WIDE } from './browser.ts'

describeWith('chromium', 'screens of addresses and forgotten passwords', () => {
  let mailbox: Mailbox
  let product: Product
  let browser: Browser

  beforeAll(async () => {
    mailbox = await openMailbox()
    product = await startProduct({
      LIMIT_REQUESTS_PER_MINUTE: '0',
      SMTP_URL: mailbox.url,
      MAIL_FROM: 'chat@example.org',
    })
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await product?.stop()
    await mailbox?.close()
  })

  describe.each([
    { user: 'ana', size: WIDE, theme: 'light' as const, least: 32 },
    { user: 'bea', size: WIDE, theme: 'dark' as const, least: 32 },
    { user: 'cem', size: COMPACT, theme: 'light' as const, least: 44 },
    { user: 'dan', size: COMPACT, theme: 'dark' as const, least: 44 },
  ])('$size.width wide, $theme', ({ user, size, theme, least }) => {
    test('[B1] [B4] none of them has a violation, a small target or a word on the console', async () => {
      const options = { size, theme, bypassPolicy: true, expectedStatus: [400, 401] }
      const visitor: Visitor = await visit(browser, `${product.url}/forgot`, options)
      const { page } = visitor
      const check = async (name: string): Promise<void> => {
        await page.waitForFunction(() => document.querySelector('.skeleton, [aria-busy=true]') === null)
        const folder = process.env.SCREENS
        if (folder) await page.screenshot({ path: `${folder}/${name}-${size.width}-${theme}.png`, fullPage: true })
        expect.soft(await violations(visitor), name).toEqual([])
        expect.soft(await smallTargets(visitor, least), name).toEqual([])
        expect.soft(await overflows(visitor), name).toBe(false)
      }

      await page.getByLabel('User name or e-mail address').fill(user)
      await check('forgot')
      await page.getByRole('button', { name: 'Send the link' }).click()
      await page.getByText('a link is on its way').waitFor()
      await check('forgot-asked')
      await page.goto(`${product.url}/reset/made-up`)
      await page.getByLabel('New password').fill('long enough to send')
      await check('reset')
      await page.getByRole('button', { name: 'Set password' }).click()
      await page.getByRole('link', { name: 'Ask for another link' }).waitFor()
      await check('reset-refused')
      await page.goto(`${product.url}/verify/made-up`)
      await page.getByText('The link is not valid any more').waitFor()
      await check('verify-refused')

      await page.goto(`${product.url}/signin`)
      await page.getByRole('link', { name: 'Create an account' }).click()
      await page.getByLabel('E-mail address').fill(`${user}@example.org`)
      await check('sign-up')
      await page.goto(`${product.url}/signin`)
      await signUp(visitor, user, `Person called ${user}`)
      await page.goto(`${product.url}/settings/security`)
      const section = page.getByRole('region', { name: 'E-mail address' })
      await section.getByLabel('Your password').fill('not my password')
      await section.getByLabel('Address', { exact: true }).fill(`${user}@example.org`)
      await section.getByRole('button', { name: 'Save address' }).click()
      await section.getByText('This is not your present password.').waitFor()
      await section.scrollIntoViewIfNeeded()
      await check('email-refused')
      await section.getByLabel('Your password').fill('a long enough passphrase')
      await section.getByRole('button', { name: 'Save address' }).click()
      await section.getByRole('button', { name: 'Send the link again' }).waitFor()
      await page.getByRole('button', { name: 'Dismiss' }).click()
      await check('email-unverified')
      await page.goto(linkIn(await mailbox.next(`${user}@example.org`)).link)
      await page.getByRole('heading', { name: 'Address verified' }).waitFor()
      await check('verify')
      expect(visitor.problems).toEqual([])
      await visitor.context.close()
    })
  })
})
