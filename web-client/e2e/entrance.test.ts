import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../../scripts/test-programs.ts'
import { type Product, startProduct } from '../../test/start-product.ts'
import { COMPACT, openBrowser, signIn, visit } from './browser.ts'
import { register } from './seed.ts'

describeWith('chromium', 'the way in', () => {
  let product: Product
  let browser: Browser

  beforeAll(async () => {
    product = await startProduct()
    browser = await openBrowser()
    await register(product.url, 'ana', 'Ana Marlowe')
  })
  afterAll(async () => {
    await browser?.close()
    await product?.stop()
  })

  test('[U1] who comes back pays one refresh, beside the code of the app', async () => {
    const { page, context, problems } = await visit(browser, product.url)
    await signIn({ page, context, problems }, 'ana')
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    await page.reload()
    await page.getByText('No conversations yet').waitFor()
    const count = (path: string) => asked.filter((other) => other === path).length
    expect(count('/api/refresh')).toBe(1)
    expect(count('/api/sync')).toBe(1)
    expect(asked.indexOf('/api/refresh')).toBeLessThan(asked.indexOf('/api/sync'))
    expect(asked.filter((path) => path.endsWith('.js')).length).toBeLessThanOrEqual(3)
    expect(problems).toEqual([])
    await context.close()
  })

  test('[U1] a token comes with lines that name the port of this server', async () => {
    const visitor = await visit(browser, product.url, { size: COMPACT })
    const { page, context, problems } = visitor
    await signIn(visitor, 'ana')
    await page.goto(`${product.url}/settings/appearance`)
    const tab = page.getByRole('link', { name: 'Appearance' })
    const box = await tab.boundingBox()
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(COMPACT.width)
    await page.goto(`${product.url}/settings/tokens`)
    await page.getByLabel('Name').fill('shell')
    await page.getByRole('button', { name: 'Create token' }).click()
    await page.getByText(`mosquitto_sub -h 127.0.0.1 -p ${product.mqttPort} -u ana`).waitFor()
    expect(problems).toEqual([])
    await context.close()
  })

  test('[U1] where registration is closed, nobody is sent to a form that cannot work', async () => {
    const closed = await startProduct({ REGISTRATION: 'closed' })
    try {
      const { page, context, problems } = await visit(browser, `${closed.url}/signup`)
      await page.getByText('Accounts are made by whoever runs this server').waitFor()
      expect(await page.getByRole('button', { name: 'Create account' }).count()).toBe(0)
      expect(problems).toEqual([])
      await context.close()
    } finally {
      await closed.stop()
    }
  })
})
