import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../../scripts/test-programs.ts'
import { type Product, startProduct } from '../../test/start-product.ts'
import { message, openBrowser, say, signIn, type Visitor, visit } from './browser.ts'
import { createRoom, type Person, post, receiptOf, register, unread } from './seed.ts'

const LENGTH = 700

/** Where a row stands in its list, in pixels from the upper edge. */
const topOf = ({ page }: Visitor, key: string): Promise<number> =>
  page.evaluate((wanted) => {
    const row = document.querySelector(`li[data-key="${wanted}"]`)?.getBoundingClientRect().top ?? Number.NaN
    return row - (document.querySelector('.log-scroll')?.getBoundingClientRect().top ?? 0)
  }, key)

const mounted = ({ page }: Visitor): Promise<number> => page.locator('.log-rows li').count()

describeWith('chromium', 'reading', () => {
  let product: Product
  let browser: Browser
  let ana: Visitor
  let reader: Person
  let writer: Person

  beforeAll(async () => {
    product = await startProduct({ LIMIT_SEND_PER_SECOND: '0', LIMIT_REQUESTS_PER_MINUTE: '0' })
    browser = await openBrowser()
    reader = await register(product.url, 'ana', 'Ana Marlowe')
    writer = await register(product.url, 'bob', 'Bob Tanaka')
    await createRoom(product.url, writer, { id: 'long', name: 'Long', kind: 'private', members: ['ana'] })
    for (let index = 1; index <= LENGTH; index++) {
      await post(product.url, writer, 'long', `message ${index} ${'and so on '.repeat(index % 9)}`)
    }
    ana = await visit(browser, product.url, { expectedStatus: [401] })
    await signIn(ana, 'ana')
  })
  afterAll(async () => {
    await browser?.close()
    await product?.stop()
  })

  test('[R4] a room opens at what is new, a quarter down, however much that is', async () => {
    await ana.page.getByRole('link', { name: /^Long/ }).click()
    await ana.page.getByText('New messages').waitFor()
    await message(ana, 'message 1 ').waitFor()
    const place = await ana.page.evaluate(() => {
      const log = document.querySelector('.log-scroll') as HTMLElement
      const first = document.querySelector('.new-line')?.nextElementSibling?.getBoundingClientRect().top ?? 0
      return { first: first - log.getBoundingClientRect().top, quarter: log.clientHeight / 4, top: log.scrollTop }
    })
    // Where nothing is above, it can stand higher.
    expect(place.first).toBeLessThanOrEqual(place.quarter + 1)
    // What is below the edge was not read.
    expect(await unread(product.url, reader, 'long')).toBe(LENGTH)
  })

  test('[R6] the way to the latest message is one press', async () => {
    await ana.page.getByRole('button', { name: /^Jump to latest/ }).click()
    await message(ana, `message ${LENGTH} `).waitFor()
    await expect.poll(() => ana.page.getByRole('button', { name: /^Jump to latest/ }).count()).toBe(0)
    await expect.poll(() => ana.page.getByRole('link', { name: /^Long/ }).getByText('unread').count()).toBe(0)
    await expect.poll(() => unread(product.url, reader, 'long')).toBe(0)
  })

  test('[R5] [B22] older messages come in above without moving what is read', async () => {
    await ana.page.reload()
    await message(ana, `message ${LENGTH} `).waitFor()
    for (let page = 0; page < 8; page++) {
      const before = await ana.page.evaluate(() => {
        const log = document.querySelector('.log-scroll') as HTMLElement
        const first = document.querySelector<HTMLElement>('li[data-key]')?.dataset.key
        log.scrollTop = 300
        const edge = log.getBoundingClientRect().top
        const row = [...document.querySelectorAll<HTMLElement>('li[data-key]')].find(
          (candidate) => candidate.getBoundingClientRect().bottom > edge + 40,
        )
        return { key: row?.dataset.key ?? '', top: (row?.getBoundingClientRect().top ?? 0) - edge, first }
      })
      await ana.page.waitForFunction(
        (first) => document.querySelector<HTMLElement>('li[data-key]')?.dataset.key !== first,
        before.first,
      )
      await ana.page.waitForFunction(() => (document.querySelector('.log-scroll')?.scrollTop ?? 0) > 1000)
      expect(Math.abs((await topOf(ana, before.key)) - before.top)).toBeLessThanOrEqual(1)
      expect(await mounted(ana)).toBeLessThanOrEqual(375)
    }
  })

  test('[R6] who reads the past stays there; the button counts what came', async () => {
    const key = (await ana.page.locator('li[data-key]').nth(80).getAttribute('data-key')) ?? ''
    await ana.page.evaluate((wanted) => document.querySelector(`li[data-key="${wanted}"]`)?.scrollIntoView(), key)
    const before = await topOf(ana, key)
    await post(product.url, writer, 'long', 'while you read')
    await ana.page.getByRole('button', { name: 'Jump to latest, 1 new' }).waitFor()
    expect(Math.abs((await topOf(ana, key)) - before)).toBeLessThanOrEqual(1)
    await ana.page.getByRole('button', { name: /^Jump to latest/ }).click()
    await message(ana, 'while you read').waitFor()
  })

  test('[R4] a room left in mid-history opens there again', async () => {
    await ana.page.evaluate(() => {
      const log = document.querySelector('.log-scroll') as HTMLElement
      log.scrollTop = log.scrollHeight - log.clientHeight - 2_000
    })
    await ana.page.getByRole('button', { name: /^Jump to latest/ }).waitFor()
    const spot = await ana.page.evaluate(() => {
      const edge = document.querySelector('.log-scroll')?.getBoundingClientRect().top ?? 0
      const row = [...document.querySelectorAll<HTMLElement>('li[data-key]')].find(
        (candidate) => candidate.getBoundingClientRect().bottom > edge,
      )
      return { key: row?.dataset.key ?? '', top: (row?.getBoundingClientRect().top ?? 0) - edge }
    })
    await ana.page.getByRole('link', { name: 'Settings' }).click()
    await ana.page.getByRole('heading', { name: 'Settings' }).waitFor()
    await ana.page.goBack()
    await ana.page.getByRole('log').waitFor()
    expect(Math.abs((await topOf(ana, spot.key)) - spot.top)).toBeLessThanOrEqual(1)
    await ana.page.getByRole('button', { name: /^Jump to latest/ }).click()
  })

  test('[B21] a burst is all there, in order, and the list stays at its end', async () => {
    await Promise.all(Array.from({ length: 100 }, (_, index) => post(product.url, writer, 'long', `burst ${index}`)))
    await expect.poll(() => ana.page.locator('.text', { hasText: /^burst / }).count()).toBe(100)
    await expect
      .poll(() =>
        ana.page.evaluate(() => {
          const log = document.querySelector('.log-scroll') as HTMLElement
          return log.scrollHeight - log.scrollTop - log.clientHeight
        }),
      )
      .toBeLessThan(80)
  })

  test('[C11] a message stands on screen within 50 ms of Enter', async () => {
    await say(ana, 'warm up')
    await message(ana, 'warm up').waitFor()
    const composer = ana.page.getByRole('textbox', { name: /^Message to/ })
    await composer.fill('how long does it take')
    const took = await ana.page.evaluate(async () => {
      const area = document.querySelector('.composer textarea') as HTMLTextAreaElement
      const begin = performance.now()
      area.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
      while (!document.querySelector('.log')?.textContent?.includes('how long does it take')) {
        await new Promise((resolve) => requestAnimationFrame(resolve))
      }
      return performance.now() - begin
    })
    expect(took).toBeLessThan(50)
  })

  test('[R4] [R8] what I wrote elsewhere was after what I had read; what came here was delivered', async () => {
    await createRoom(product.url, writer, { id: 'late', name: 'Late', kind: 'private', members: ['ana'] })
    for (let index = 1; index <= 12; index++) await post(product.url, writer, 'late', `early ${index}`)
    const mine = await post(product.url, reader, 'late', 'written on the phone')
    const fresh = await post(product.url, writer, 'late', 'the answer')
    for (let index = 1; index <= 40; index++) await post(product.url, writer, 'late', `more ${index}`)
    await ana.page.getByRole('link', { name: /^Late/ }).click()
    await message(ana, 'the answer').waitFor()
    const first = await ana.page.locator('.new-line').evaluate((line) => line.nextElementSibling?.textContent)
    expect(first).toContain('the answer')
    expect(fresh).toBe(mine + 1)
    await expect.poll(() => receiptOf(product.url, writer, 'late', 'ana')).toMatchObject({ delivered: fresh + 40 })
    expect((await receiptOf(product.url, writer, 'late', 'ana'))?.read).toBeLessThan(fresh + 40)
    await ana.page.getByRole('link', { name: /^Long/ }).click()
  })

  test('[RCP] what was read just before the page goes counts as read', async () => {
    await post(product.url, writer, 'long', 'the last word')
    await message(ana, 'the last word').waitFor()
    await ana.page.goto('about:blank')
    await expect.poll(() => unread(product.url, reader, 'long')).toBe(0)
  })

  test('[B6] nothing was said on the console', () => {
    expect(ana.problems).toEqual([])
  })
})
