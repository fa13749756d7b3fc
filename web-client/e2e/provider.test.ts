/** Sign-in with a provider on another site, in a real browser. */
import axe from 'axe-core'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../../scripts/test-programs.ts'
import { linkIn, type Mailbox, openMailbox } from '../../test/mailbox.ts'
import { startProvider, type TestProvider } from '../../test/oidc-provider.ts'
import { findFreePort, type Product, startProduct } from '../../test/start-product.ts'
import { COMPACT, openBrowser, PASSWORD, type Visitor, visit, WIDE } from './browser.ts'

describeWith('chromium', 'sign-in with a provider', () => {
  let product: Product
  let provider: TestProvider
  let mailbox: Mailbox
  let browser: Browser

  beforeAll(async () => {
    const port = await findFreePort()
    provider = await startProvider(`http://127.0.0.1:${port}`)
    mailbox = await openMailbox()
    product = await startProduct({
      ...provider.environment,
      HTTP_PORT: String(port),
      SMTP_URL: mailbox.url,
      MAIL_FROM: 'chat@example.org',
      LIMIT_REQUESTS_PER_MINUTE: '0',
    })
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await product?.stop()
    await provider?.close()
    await mailbox?.close()
  })

  /** Answers the provider's page, which stands on a site of its own. */
  async function comeIn({ page }: Visitor, subject: string): Promise<void> {
    await page.waitForURL(`${provider.issuer}/**`)
    await page.getByLabel('Subject').fill(subject)
    await page.getByRole('button', { name: 'Come in' }).click()
    await page.waitForURL(`${product.url}/**`)
  }

  /** What went wrong on our own pages; the way to the provider is no fault. */
  const problemsOf = ({ problems }: Visitor) => problems.filter((one) => !one.includes(provider.issuer))

  async function violations({ page }: Visitor): Promise<string[]> {
    await page.evaluate(axe.source)
    const found = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
    return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
  }

  const lookAt = async ({ page }: Visitor, name: string): Promise<void> => {
    const folder = process.env.SCREENS
    if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
  }

  test('[OIDC3] a newcomer comes in, to the page that was asked for, and stays signed in', async () => {
    provider.people.set('p-1', { preferred_username: 'petra', name: 'Petra Oduya' })
    const visitor = await visit(browser, `${product.url}/new/browse`, { expectedStatus: [401] })
    const { page, context } = visitor
    await page.getByRole('link', { name: 'Continue with Harbour ID' }).click()
    await comeIn(visitor, 'p-1')
    await page.getByRole('heading', { name: 'New conversation' }).waitFor()
    expect(page.url()).toBe(`${product.url}/new/browse`)
    await page.reload()
    await page.getByRole('heading', { name: 'New conversation' }).waitFor()
    await page.goto(`${product.url}/settings/security`)
    await page.getByRole('heading', { name: 'Linked sign-ins' }).waitFor()
    await page.getByRole('button', { name: 'Unlink petra' }).click()
    await page.getByText('This is your only way to sign in').waitFor()
    await page.getByLabel('New password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Set a password' }).click()
    await page.getByLabel('Present password').waitFor()
    await page.getByRole('button', { name: 'Unlink petra' }).click()
    await page.getByRole('button', { name: 'Link with Harbour ID' }).click()
    // Still signed in there, so it sends the browser straight back.
    await page.getByText('You can sign in with Harbour ID from now on.').waitFor()
    expect(page.url()).toBe(`${product.url}/settings/security`)
    expect(problemsOf(visitor).filter((one) => !one.includes('409'))).toEqual([])
    await context.close()
  })

  test('[OIDC5] an account with the same address is linked when its owner signs in, and not before', async () => {
    const address = 'rosa@example.org'
    const json = { 'content-type': 'application/json' }
    const post = (path: string, body: object) =>
      fetch(`${product.url}/api${path}`, { method: 'POST', headers: json, body: JSON.stringify(body) })
    expect((await post('/register', { username: 'rosa', password: PASSWORD, email: address })).status).toBe(201)
    const { token } = linkIn(await mailbox.next(address))
    expect((await post('/email/verify', { token })).status).toBeLessThan(300)
    provider.people.set('p-rosa', { email: address, email_verified: true, name: 'Rosa' })

    const visitor = await visit(browser, product.url, { expectedStatus: [401] })
    const { page, context } = visitor
    await page.getByRole('link', { name: 'Continue with Harbour ID' }).click()
    await comeIn(visitor, 'p-rosa')
    await page.getByText('An account here has your e-mail address.').waitFor()
    await lookAt(visitor, 'confirm')
    await page.getByLabel(/^User name/).fill('rosa')
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('You can sign in with Harbour ID from now on.').waitFor()
    await page.getByText(address).first().waitFor()
    expect(problemsOf(visitor)).toEqual([])
    await context.close()
  })

  test('[OIDC1] a provider that is away is told to people, and so is a no', async () => {
    const visitor = await visit(browser, product.url, { expectedStatus: [401] })
    const { page, context } = visitor
    await page.getByRole('link', { name: 'Continue with Harbour ID' }).click()
    await comeIn(visitor, '')
    await page.getByText('The sign-in with Harbour ID did not come about.').waitFor()
    expect(page.url()).toBe(`${product.url}/signin`)
    expect(problemsOf(visitor)).toEqual([])
    await context.close()
  })

  test.each([
    { size: WIDE, theme: 'light' as const },
    { size: WIDE, theme: 'dark' as const },
    { size: COMPACT, theme: 'light' as const },
    { size: COMPACT, theme: 'dark' as const },
  ])('[B1] the screens have no violation: $size.width wide, $theme', async ({ size, theme }) => {
    provider.people.set('p-2', { preferred_username: 'paul', name: 'Paul Winter' })
    const visitor = await visit(browser, product.url, { size, theme, bypassPolicy: true, expectedStatus: [401] })
    const { page, context } = visitor
    const name = `${size.width}-${theme}`
    await page.getByRole('link', { name: 'Continue with Harbour ID' }).waitFor()
    await lookAt(visitor, `sign-in-${name}`)
    expect(await violations(visitor)).toEqual([])
    await page.goto(`${product.url}/signin?oidc=registration_closed`)
    await page.getByText('this server makes none').waitFor()
    await lookAt(visitor, `refused-${name}`)
    expect(await violations(visitor)).toEqual([])
    await page.getByRole('link', { name: 'Continue with Harbour ID' }).click()
    await comeIn(visitor, 'p-2')
    await page.getByRole('heading', { name: 'Conversations' }).waitFor()
    for (const section of ['security', 'sessions', 'tokens']) {
      await page.goto(`${product.url}/settings/${section}`)
      await page.getByRole('heading', { name: 'Settings' }).waitFor()
      await page.waitForFunction(() => !document.body.textContent?.includes('Loading…'))
      if (section === 'security') await page.getByRole('button', { name: 'Unlink paul' }).waitFor()
      if (section === 'sessions') await page.getByText(/This session · .*WebSocket/).waitFor()
      if (section === 'tokens') {
        await page.getByLabel('Name').fill(`a script on ${name}`)
        await page.getByRole('button', { name: 'Create token' }).click()
        await page.getByText(/mosquitto_pub -h 127.0.0.1/).waitFor()
      }
      await lookAt(visitor, `${section}-${name}`)
      expect(await violations(visitor), section).toEqual([])
    }
    expect(problemsOf(visitor)).toEqual([])
    await context.close()
  })
})
