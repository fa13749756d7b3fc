import { readFile } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../../scripts/test-programs.ts'
import { type Product, startProduct } from '../../test/start-product.ts'
import { readZip } from '../../test/wire/zip-files.ts'
import { COMPACT, message, openBrowser, PASSWORD, say, signIn, type Visitor, visit } from './browser.ts'
import { createRoom, post, register } from './seed.ts'

describeWith('chromium', 'my data', () => {
  let product: Product
  let browser: Browser

  beforeAll(async () => {
    product = await startProduct({ LIMIT_REQUESTS_PER_MINUTE: '0' })
    browser = await openBrowser()
    const ana = await register(product.url, 'ana', 'Ana Marlowe')
    const zoe = await register(product.url, 'zoe', 'Zoe Quill')
    await createRoom(product.url, ana, { id: 'club', name: 'Club', kind: 'private', members: ['zoe'] })
    await createRoom(product.url, zoe, { id: 'lair', name: 'Lair', kind: 'private', members: ['ana'] })
    await post(product.url, zoe, 'club', 'I was here')
    await post(product.url, ana, 'club', 'So you were, @zoe')
  })
  afterAll(async () => {
    await browser?.close()
    await product?.stop()
  })

  const fillIn = async ({ page }: Visitor, name: string, password = PASSWORD): Promise<void> => {
    await page.getByLabel('Your user name').fill(name)
    await page.getByLabel('Your password').fill(password)
    await page.getByRole('button', { name: 'Delete my account' }).click()
  }

  test('[PD2] a press on a button, and the browser saves a ZIP of it all', async () => {
    const zoe = await visit(browser, product.url, { size: COMPACT })
    await signIn(zoe, 'zoe')
    await zoe.page.goto(`${product.url}/settings/data`)
    const begun = zoe.page.waitForEvent('download')
    await zoe.page.getByRole('button', { name: 'Download my data' }).click()
    const download = await begun
    expect(download.suggestedFilename()).toMatch(/^tidings-zoe-[\d-]+\.zip$/)
    const files = await readZip(await readFile(await download.path()))
    expect(String(files.get('events-authored.json'))).toContain('I was here')
    expect(new URL(zoe.page.url()).pathname).toBe('/settings/data')
    expect(zoe.problems).toEqual([])
    await zoe.context.close()
  })

  test('[DEL1] [DEL2] [DEL6] deleting asks twice, says what stands in the way, and others see the name go', async () => {
    const ana = await visit(browser, product.url)
    await signIn(ana, 'ana')
    await ana.page.goto(`${product.url}/r/club`)
    await message(ana, 'So you were, @zoe').waitFor()

    // 403: the room goes while its details are being looked at.
    const zoe = await visit(browser, product.url, { expectedStatus: [401, 403, 409] })
    const { page } = zoe
    await signIn(zoe, 'zoe')
    await page.goto(`${product.url}/settings/data`)
    await fillIn(zoe, 'zoey')
    await page.getByText('This is not zoe.').waitFor()
    await fillIn(zoe, 'zoe', 'another long passphrase')
    await page.getByText('This is not your password.').waitFor()
    await fillIn(zoe, 'zoe')
    await page.getByText('You are the last owner of a room').waitFor()
    await page.getByRole('alert').getByRole('link', { name: 'Lair' }).click()
    await page.getByRole('heading', { name: 'Details' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/r/lair/details')

    await page.evaluate(async () => {
      const { accessToken } = (await (await fetch('/api/refresh', { method: 'POST' })).json()) as {
        accessToken: string
      }
      await fetch('/api/rooms/lair', { method: 'DELETE', headers: { authorization: `Bearer ${accessToken}` } })
    })
    await page.goto(`${product.url}/settings/data`)
    await fillIn(zoe, 'zoe')
    await page.getByRole('heading', { name: 'Goodbye' }).waitFor()
    expect(zoe.problems).toEqual([])

    // The room that is open elsewhere fetches the new log by itself.
    await message(ana, 'So you were, @Deleted account').waitFor()
    expect(await message(ana, 'I was here').count()).toBe(1)
    expect(await ana.page.getByRole('log').innerText()).not.toMatch(/zoe/i)
    await say(ana, 'Bye')
    await message(ana, 'Bye').waitFor()
    expect(ana.problems).toEqual([])

    await page.goto(`${product.url}/signin`)
    await page.getByLabel('User name').fill('zoe')
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('User name or password is wrong.').waitFor()
    await zoe.context.close()
    await ana.context.close()
  })
})
