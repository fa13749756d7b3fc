import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../../scripts/test-programs.ts'
import { type Product, startProduct } from '../../test/start-product.ts'
import { COMPACT, message, openBrowser, say, signIn, type Visitor, visit } from './browser.ts'
import { seedTown } from './seed.ts'

const focusedText = ({ page }: Visitor): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement
    return element?.getAttribute('aria-label') ?? element?.textContent ?? ''
  })

describeWith('chromium', 'keys', () => {
  let product: Product
  let browser: Browser
  let ana: Visitor

  beforeAll(async () => {
    product = await startProduct({ LIMIT_REQUESTS_PER_MINUTE: '0' })
    browser = await openBrowser()
    await seedTown(product.url)
    ana = await visit(browser, product.url, { expectedStatus: [401] })
    await signIn(ana, 'ana')
    await ana.page.getByRole('link', { name: /^Design/ }).click()
    await message(ana, 'Looks calm').waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await product?.stop()
  })

  const composer = () => ana.page.getByRole('textbox', { name: /^Message to/ })

  test('[C1] Enter sends, Shift and Enter break the line', async () => {
    await composer().pressSequentially('one')
    await composer().press('Shift+Enter')
    await composer().pressSequentially('two')
    expect(await composer().inputValue()).toBe('one\ntwo')
    await composer().press('Enter')
    await message(ana, 'one').waitFor()
    expect(await composer().inputValue()).toBe('')
  })

  test('[C1] [B32] Enter that ends a composition does not send', async () => {
    const session = await ana.context.newCDPSession(ana.page)
    await composer().focus()
    await session.send('Input.imeSetComposition', { text: 'にほん', selectionStart: 3, selectionEnd: 3 })
    await session.send('Input.dispatchKeyEvent', {
      type: 'rawKeyDown',
      key: 'Process',
      code: 'Enter',
      windowsVirtualKeyCode: 229,
    })
    await session.send('Input.insertText', { text: '日本' })
    expect(await composer().inputValue()).toBe('日本')
    await composer().press('Enter')
    await message(ana, '日本').waitFor()
    expect(await ana.page.getByRole('log').getByText('にほん').count()).toBe(0)
  })

  test('[C2] Send is never disabled; empty, it says why', async () => {
    const send = ana.page.getByRole('button', { name: /^Send/ })
    expect(await send.getAttribute('aria-disabled')).toBe('true')
    await send.focus()
    await ana.page.keyboard.press('Enter')
    await ana.page.getByText('Write something first.').waitFor()
    await ana.page.getByRole('button', { name: 'Dismiss' }).click()
  })

  test('[X5] the messages are one tab stop; arrows move between them, Enter shows what can be done', async () => {
    await composer().focus()
    await ana.page.keyboard.press('Shift+Tab')
    expect(await focusedText(ana)).toContain('日本')
    await ana.page.keyboard.press('ArrowUp')
    expect(await focusedText(ana)).toContain('one two')
    expect(await ana.page.locator('li[data-key][tabindex="0"]').count()).toBe(1)
    await ana.page.keyboard.press('Enter')
    expect(await focusedText(ana)).toBe('React')
    await ana.page.keyboard.press('ArrowRight')
    expect(await focusedText(ana)).toBe('Reply')
    await ana.page.keyboard.press('Escape')
    expect(await focusedText(ana)).toContain('one two')
    await ana.page.keyboard.press('Home')
    expect(await focusedText(ana)).toContain('The new tokens are in')
    await ana.page.keyboard.press('Escape')
    expect(await focusedText(ana)).toBe('Message to Design')
  })

  test('[4.8] single keys act on the message that has the focus, and nowhere else', async () => {
    await composer().pressSequentially('re')
    expect(await composer().inputValue()).toBe('re')
    await composer().fill('')
    await message(ana, 'Looks calm').focus()
    await ana.page.keyboard.press('e')
    expect(await composer().inputValue()).toBe('Looks calm, I like it')
    await ana.page.keyboard.press('Escape')
    await message(ana, 'The new tokens').focus()
    await ana.page.keyboard.press('r')
    await ana.page.locator('.composer').getByText('Replying').waitFor()
    await ana.page.keyboard.press('Escape')
    await expect.poll(() => ana.page.locator('.composer').getByText('Replying').count()).toBe(0)
  })

  test('[B2] a room has at most 14 tab stops, and the focus goes round', async () => {
    await ana.page.evaluate(() => (document.activeElement as HTMLElement).blur())
    const seen = new Set<string>()
    for (let step = 0; step < 40; step++) {
      await ana.page.keyboard.press('Tab')
      const id = await ana.page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200) ?? '')
      if (!id.startsWith('<body')) seen.add(id)
    }
    expect(seen.size).toBeLessThanOrEqual(14)
    expect(seen.size).toBeGreaterThan(5)
  })

  test('[4.8] Up in an empty composer edits the last message, Escape ends it', async () => {
    await composer().focus()
    await ana.page.keyboard.press('ArrowUp')
    expect(await composer().inputValue()).toBe('日本')
    await ana.page.keyboard.press('Escape')
    expect(await composer().inputValue()).toBe('')
  })

  test('[X6] a menu opens with the focus in it; Escape gives the focus back', async () => {
    await ana.page.getByRole('button', { name: 'Room details' }).click()
    const button = ana.page.getByRole('button', { name: 'Actions for Bob Tanaka' })
    await button.focus()
    await ana.page.keyboard.press('Enter')
    await expect.poll(() => focusedText(ana)).toBe('Profile')
    await ana.page.keyboard.press('ArrowDown')
    expect(await focusedText(ana)).toBe('Message')
    await ana.page.keyboard.press('Escape')
    await expect.poll(() => focusedText(ana)).toBe('Actions for Bob Tanaka')
  })

  test('[S3] a dialog closes with Escape; Back closes the details, then the room', async () => {
    await ana.page.getByRole('button', { name: 'Leave room' }).click()
    await ana.page.getByRole('dialog', { name: 'Leave Design?' }).waitFor()
    await ana.page.keyboard.press('Escape')
    await expect.poll(() => ana.page.getByRole('dialog').count()).toBe(0)
    expect(await focusedText(ana)).toBe('Leave room')
    await ana.page.goBack()
    await expect.poll(() => ana.page.getByRole('heading', { name: 'Details' }).count()).toBe(0)
    await ana.page.goBack()
    await ana.page.getByText('Choose a conversation').waitFor()
  })

  test('[S2] [S7] in a narrow window Back returns to the row that was left, and the composer stays in sight', async () => {
    const narrow = await visit(browser, product.url, { size: COMPACT, expectedStatus: [401] })
    await signIn(narrow, 'ana')
    await narrow.page.getByRole('link', { name: /^Design/ }).click()
    await message(narrow, '日本').waitFor()
    await narrow.page.setViewportSize({ width: 390, height: 500 })
    const box = await narrow.page.getByRole('textbox', { name: /^Message to/ }).boundingBox()
    expect((box?.y ?? 999) + (box?.height ?? 0)).toBeLessThanOrEqual(500)
    await narrow.page.getByRole('button', { name: 'Back to conversations' }).click()
    await narrow.page.getByRole('heading', { name: 'Conversations' }).waitFor()
    expect(await narrow.page.evaluate(() => (document.activeElement as HTMLElement).dataset.room)).toBe('design')
    expect(narrow.problems).toEqual([])
    await narrow.context.close()
  })

  test('[U4] a wrong password is said once, the focus goes there, the password stays', async () => {
    const stranger = await visit(browser, product.url, { expectedStatus: [401] })
    await stranger.page.getByLabel('User name').fill('ana')
    await stranger.page.getByLabel('Password', { exact: true }).fill('not my password')
    await stranger.page.keyboard.press('Enter')
    await stranger.page.getByRole('alert').getByText('User name or password is wrong.').waitFor()
    await expect.poll(() => focusedText(stranger)).toContain('User name or password is wrong.')
    expect(await stranger.page.getByLabel('Password', { exact: true }).inputValue()).toBe('not my password')
    await stranger.context.close()
  })

  test('[A2] signing out with something unsent asks first', async () => {
    await ana.page.getByRole('link', { name: 'Settings' }).click()
    await ana.page.getByRole('button', { name: 'Sign out' }).waitFor()
    await ana.page.getByRole('link', { name: /^Design/ }).click()
    await ana.context.setOffline(true)
    await say(ana, 'not sent yet')
    await message(ana, 'not sent yet').waitFor()
    await ana.page.getByRole('link', { name: 'Settings' }).click()
    await ana.page.getByRole('button', { name: 'Sign out' }).click()
    await ana.page.getByRole('dialog', { name: 'Sign out now?' }).waitFor()
    await ana.page.getByRole('button', { name: 'Stay' }).click()
    await ana.context.setOffline(false)
  })
})
