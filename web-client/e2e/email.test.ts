import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../../scripts/test-programs.ts'
import { linkIn, type Mailbox, openMailbox } from '../../test/mailbox.ts'
import { type Product, startProduct } from '../../test/start-product.ts'
import { RawClient } from '../../test/wire/raw-client.ts'
import { openBrowser, PASSWORD, signIn, type Visitor, visit } from './browser.ts'

const NEW_PASSWORD = 'seven small lanterns'

describeWith('chromium', 'an address and a forgotten password', () => {
  let mailbox: Mailbox
  let product: Product
  let browser: Browser
  let ana: Visitor

  beforeAll(async () => {
    mailbox = await openMailbox()
    product = await startProduct({
      LIMIT_REQUESTS_PER_MINUTE: '0',
      SMTP_URL: mailbox.url,
      MAIL_FROM: 'Tidings <chat@example.org>',
    })
    browser = await openBrowser()
    ana = await visit(browser, product.url, { expectedStatus: [400, 401, 429] })
  })
  afterAll(async () => {
    await browser?.close()
    await product?.stop()
    await mailbox?.close()
  })

  test('[MAIL1] who gives an address at sign-up proves it with the link in the mail', async () => {
    const { page } = ana
    await page.getByRole('link', { name: 'Create an account' }).click()
    await page.getByLabel('Your name').fill('Ana Marlowe')
    await page.getByLabel('User name').fill('ana')
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByLabel('E-mail address').fill('ana@example.org')
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByRole('heading', { name: 'Conversations' }).waitFor()
    const { link } = linkIn(await mailbox.next('ana@example.org'))
    expect(link.startsWith(`${product.url}/verify/`)).toBe(true)
    await page.goto(`${product.url}/settings/security`)
    await page.getByText('Not verified yet').waitFor()
    await page.goto(link)
    await page.getByRole('heading', { name: 'Address verified' }).waitFor()
    await page.getByRole('link', { name: 'To your conversations' }).click()
    await page.getByRole('heading', { name: 'Conversations' }).waitFor()
    await page.goto(`${product.url}/settings/security`)
    await page.getByText('Verified', { exact: true }).waitFor()
    await page.goto(link)
    await page.getByText('The link is not valid any more').waitFor()
    await page.goto(product.url)
  })

  test('[RST2] a forgotten password is replaced by mail; everything that was signed in is signed out', async () => {
    const phone = await visit(browser, product.url)
    await signIn(phone, 'ana')
    const second = await fetch(`${product.url}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'ana', password: PASSWORD }),
    })
    const { accessToken } = (await second.json()) as { accessToken: string }
    const device = await RawClient.open(product.mqttPort)
    expect(await device.connect({ username: 'ana', password: accessToken })).toBe(0)

    const { page, context, problems } = await visit(browser, product.url, { expectedStatus: [400, 401] })
    await page.getByRole('link', { name: 'Forgotten your password?' }).click()
    await page.getByLabel('User name or e-mail address').fill('ana')
    await page.getByRole('button', { name: 'Send the link' }).click()
    await page.getByText('a link is on its way').waitFor()
    const { link } = linkIn(await mailbox.next('ana@example.org'))
    await page.goto(link)
    await page.getByLabel('New password').fill('password1234')
    await page.getByRole('button', { name: 'Set password' }).click()
    await page.getByText('Many people use this password').waitFor()
    await page.getByLabel('New password').fill(NEW_PASSWORD)
    await page.getByRole('button', { name: 'Set password' }).click()
    await page.getByRole('heading', { name: 'Password changed' }).waitFor()

    await device.closed
    for (const old of [ana, phone]) await old.page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect((await mailbox.next('ana@example.org')).subject).toContain('Your password was changed')

    await page.getByRole('link', { name: 'Sign in' }).click()
    await page.getByLabel('User name or e-mail address').fill('ana@example.org')
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('User name or password is wrong').waitFor()
    await page.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Conversations' }).waitFor()
    await page.goto(link)
    await page.getByLabel('New password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Set password' }).click()
    await page.getByText('The link is not valid any more').waitFor()
    await page.getByRole('link', { name: 'Ask for another link' }).waitFor()
    expect(problems).toEqual([])
    await context.close()
    await phone.context.close()
  })

  test('[MAIL3] the address is changed and removed under Security, with the password', async () => {
    const { page } = ana
    await page.getByLabel('User name').fill('ana')
    await page.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Conversations' }).waitFor()
    await page.goto(`${product.url}/settings/security`)
    const section = page.getByRole('region', { name: 'E-mail address' })
    await section.getByLabel('Address', { exact: true }).fill('ana@elsewhere.example')
    await section.getByLabel('Your password').fill(PASSWORD)
    await section.getByRole('button', { name: 'Save address' }).click()
    await section.getByText('This is not your present password.').waitFor()
    await section.getByLabel('Your password').fill(NEW_PASSWORD)
    await section.getByRole('button', { name: 'Save address' }).click()
    await section.getByText('ana@elsewhere.example').waitFor()
    await section.getByText('Not verified yet').waitFor()
    expect((await mailbox.next('ana@example.org')).subject).toContain('Your e-mail address was changed')
    const { token } = linkIn(await mailbox.next('ana@elsewhere.example'))
    await section.getByRole('button', { name: 'Send the link again' }).click()
    const again = linkIn(await mailbox.next('ana@elsewhere.example'))
    expect(again.token).not.toBe(token)
    await section.getByLabel('Address', { exact: true }).fill('')
    await section.getByLabel('Your password').fill(NEW_PASSWORD)
    await section.getByRole('button', { name: 'Save address' }).click()
    await page.getByText('Address removed').waitFor()
    expect(await section.getByText('ana@elsewhere.example').count()).toBe(0)
    expect(ana.problems).toEqual([])
  })

  test('[HTTP10] the mark of a browser is out of reach of its scripts', async () => {
    const home = await visit(browser, product.url, { expectedStatus: [401, 429] })
    await home.page.getByLabel('User name').fill('ana')
    await home.page.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD)
    await home.page.getByRole('button', { name: 'Sign in' }).click()
    await home.page.getByRole('heading', { name: 'Conversations' }).waitFor()
    const marks = (await home.context.cookies()).filter(({ name }) => name === 'tidings_browser')
    expect(marks).toMatchObject([{ httpOnly: true, sameSite: 'Strict', path: '/api' }])
    expect(await home.page.evaluate(() => document.cookie)).toBe('')
    expect(home.problems).toEqual([])
    await home.context.close()
  })

  test('[MAIL6] where no mail is sent, the way back leads to the administrator', async () => {
    const silent = await startProduct({ LIMIT_REQUESTS_PER_MINUTE: '0' })
    try {
      const { page, context, problems } = await visit(browser, silent.url)
      await page.getByRole('link', { name: 'Forgotten your password?' }).click()
      await page.getByText('This server sends no mail').waitFor()
      expect(await page.getByRole('button', { name: 'Send the link' }).count()).toBe(0)
      await page.goto(`${silent.url}/signup`)
      await page.getByLabel('User name').waitFor()
      expect(await page.getByLabel('E-mail address').count()).toBe(0)
      expect(problems).toEqual([])
      await context.close()
    } finally {
      await silent.stop()
    }
  })
})
