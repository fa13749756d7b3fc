import { Secret, TOTP } from 'otpauth'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../../scripts/test-programs.ts'
import { type Product, startProduct } from '../../test/start-product.ts'
import { openBrowser, PASSWORD, signIn, visit } from './browser.ts'
import { register } from './seed.ts'
import { addVirtualAuthenticator } from './virtual-authenticator.ts'

const STEP_MS = 30_000

/** An authenticator app; `steps`: with a clock that is so many half minutes ahead, for another code than before. */
function openApp(secret: string) {
  const totp = new TOTP({ algorithm: 'SHA1', digits: 6, period: 30, secret: Secret.fromBase32(secret) })
  return { code: (steps = 0) => totp.generate({ timestamp: Date.now() + steps * STEP_MS }) }
}

async function signOut(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/settings/profile`)
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
}

async function givePassword(page: Page, username: string): Promise<void> {
  await page.getByLabel('User name').fill(username)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

const arrived = (page: Page): Promise<void> => page.getByRole('heading', { name: 'Conversations' }).waitFor()

describeWith('chromium', 'two-factor sign-in and passkeys', () => {
  let product: Product
  let browser: Browser
  let url: string

  beforeAll(async () => {
    product = await startProduct({ LIMIT_REQUESTS_PER_MINUTE: '0' })
    browser = await openBrowser()
    // Passkeys need a host with a name.
    url = product.url.replace('127.0.0.1', 'localhost')
  })
  afterAll(async () => {
    await browser?.close()
    await product?.stop()
  })

  test('[MFA1] [MFA3] [U5] a code of an app, then a recovery code, in place of the password alone', async () => {
    await register(product.url, 'ana', 'Ana Marlowe')
    const visitor = await visit(browser, url, { expectedStatus: [401] })
    const { page } = visitor
    await signIn(visitor, 'ana')
    await page.goto(`${url}/settings/security`)
    await page.getByRole('button', { name: 'Set up an authenticator app' }).click()
    await page.getByRole('img', { name: /^QR code/ }).waitFor()
    const secret = (await page.getByRole('dialog').locator('pre').textContent())?.replaceAll(' ', '') ?? ''
    const app = openApp(secret)
    await page.getByLabel('Code', { exact: true }).fill('000000')
    await page.getByRole('button', { name: 'Turn on' }).click()
    await page.getByText('The code is wrong or was used already.').waitFor()
    await page.getByLabel('Code', { exact: true }).fill(app.code())
    await page.getByRole('button', { name: 'Turn on' }).click()
    const codes = (await page.locator('.recovery-codes').textContent())?.split('\n') ?? []
    expect(codes).toHaveLength(10)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('tidings-recovery-codes.txt')
    await page.getByRole('button', { name: 'I have kept them' }).click()
    await page.getByText('10 are left.').waitFor()

    await signOut(page, url)
    await givePassword(page, 'ana')
    await page.getByLabel('Code', { exact: true }).fill('12345')
    expect(await page.getByLabel('Code', { exact: true }).evaluate((input) => input === document.activeElement)).toBe(
      true,
    )
    await page.getByLabel('Code', { exact: true }).fill('000000')
    await page.getByText('The code is wrong or was used already.').waitFor()
    await page.getByLabel('Code', { exact: true }).fill(app.code(1))
    await arrived(page)

    await signOut(page, url)
    await givePassword(page, 'ana')
    await page.getByRole('button', { name: 'Use a recovery code' }).click()
    await page.getByLabel('Recovery code').fill(codes[3] ?? '')
    await page.getByRole('button', { name: 'Go on' }).click()
    await arrived(page)
    await page.goto(`${url}/settings/security`)
    await page.getByText('9 are left.').waitFor()

    await page.getByRole('button', { name: 'Remove the authenticator app' }).click()
    await page.getByRole('dialog').getByLabel('Your password').fill(PASSWORD)
    await page
      .getByRole('dialog')
      .getByLabel('Code', { exact: true })
      .fill(codes[4] ?? '')
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByRole('button', { name: 'Set up an authenticator app' }).waitFor()
    await signOut(page, url)
    await givePassword(page, 'ana')
    await arrived(page)
    expect(visitor.problems).toEqual([])
    await visitor.context.close()
  })

  test('[KEY1] [KEY2] a passkey as the second step, and as the whole sign-in', async () => {
    await register(product.url, 'bob', 'Bob Tanaka')
    const visitor = await visit(browser, url, { expectedStatus: [401] })
    const { page } = visitor
    const device = await addVirtualAuthenticator(visitor)
    await signIn(visitor, 'bob')
    await page.goto(`${url}/settings/security`)
    await page.getByLabel('Name of a new passkey').fill('phone')
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByRole('button', { name: 'I have kept them' }).click()
    await page.getByText('never used').waitFor()
    await page.getByRole('button', { name: 'Rename phone' }).click()
    await page.getByRole('dialog').getByLabel('Name').fill('old phone')
    await page.getByRole('button', { name: 'Rename', exact: true }).click()
    await page.getByText('old phone', { exact: true }).waitFor()

    await signOut(page, url)
    await givePassword(page, 'bob')
    await page.getByRole('heading', { name: 'One more step' }).waitFor()
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await arrived(page)

    await signOut(page, url)
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await arrived(page)
    await page.reload()
    await arrived(page)

    await page.goto(`${url}/settings/security`)
    await page.getByText(/last used/).waitFor()
    await page.getByRole('button', { name: 'Remove old phone' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('You have no passkeys yet.').waitFor()
    await signOut(page, url)
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.getByText('The passkey was not accepted.').waitFor()
    await device.detach()
    expect(visitor.problems).toEqual([])
    await visitor.context.close()
  })

  test('[KEY1] where passkeys cannot be used, nobody is offered one', async () => {
    await register(product.url, 'carla', 'Carla de la Fuente')
    const visitor = await visit(browser, product.url)
    const { page } = visitor
    await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
    expect(await page.getByRole('button', { name: 'Use a passkey' }).count()).toBe(0)
    await signIn(visitor, 'carla')
    await page.goto(`${product.url}/settings/security`)
    await page.getByText('Passkeys can be added where this server is reached by name over https.').waitFor()
    expect(visitor.problems).toEqual([])
    await visitor.context.close()
  })
})
