import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../../scripts/test-programs.ts'
import { type Product, startProduct } from '../../test/start-product.ts'
import { makeRoom, message, openBrowser, say, signUp, type Visitor, visit } from './browser.ts'

describeWith('chromium', 'two people', () => {
  let product: Product
  let browser: Browser
  let ana: Visitor
  let bob: Visitor

  beforeAll(async () => {
    product = await startProduct({ LIMIT_REQUESTS_PER_MINUTE: '0' })
    browser = await openBrowser()
    ana = await visit(browser, product.url)
    bob = await visit(browser, product.url)
    await signUp(ana, 'ana', 'Ana Marlowe')
    await signUp(bob, 'bob', 'Bob Tanaka')
  })
  afterAll(async () => {
    await browser?.close()
    await product?.stop()
  })

  test('[L7] who is new sees what to do', async () => {
    await ana.page.getByText('No conversations yet').waitFor()
  })

  test('[R8] a message arrives at the other one, and its sender sees that it was read', async () => {
    await makeRoom(ana, 'Design', 'Public', 'design')
    await bob.page.getByRole('link', { name: 'Browse rooms' }).first().click()
    await bob.page.getByRole('button', { name: 'Join Design' }).click()
    await bob.page.getByRole('heading', { name: 'Design' }).waitFor()
    await say(ana, 'hello **Bob**')
    await message(bob, 'hello Bob').waitFor()
    expect(await message(bob, 'hello Bob').locator('strong').textContent()).toBe('Bob')
    await say(bob, 'hello Ana')
    await message(ana, 'hello Ana').waitFor()
    await message(ana, 'hello Bob').getByRole('img', { name: 'Read' }).waitFor()
  })

  test('[R15] who is typing is said above the composer', async () => {
    await bob.page.getByRole('textbox', { name: /^Message to/ }).pressSequentially('I am')
    await ana.page.locator('.typing').getByText('Bob Tanaka is typing').waitFor()
    await bob.page.getByRole('textbox', { name: /^Message to/ }).fill('')
  })

  test('[R9] [R11] a reply quotes, a reaction counts', async () => {
    await message(bob, 'hello Bob').hover()
    await message(bob, 'hello Bob').getByRole('button', { name: 'React', exact: true }).click()
    await message(bob, 'hello Bob').getByRole('button', { name: 'React with 👍' }).click()
    await message(ana, 'hello Bob')
      .getByRole('button', { name: /^👍, 1/ })
      .waitFor()
    await message(bob, 'hello Bob').hover()
    await message(bob, 'hello Bob').getByRole('button', { name: 'Reply' }).click()
    await say(bob, 'with pleasure')
    await message(ana, 'with pleasure')
      .getByRole('button', { name: /hello Bob/ })
      .waitFor()
  })

  test('[R12] [R13] an edit and a deletion reach the other one', async () => {
    await ana.page.getByRole('textbox', { name: /^Message to/ }).press('ArrowUp')
    await ana.page.getByText('Editing').waitFor()
    await say(ana, 'hello dear Bob')
    await message(bob, 'hello dear Bob').getByText('edited').waitFor()
    await say(ana, 'this goes away')
    await message(bob, 'this goes away').waitFor()
    await message(ana, 'this goes away').hover()
    await message(ana, 'this goes away').getByRole('button', { name: 'Delete' }).click()
    await ana.page.getByRole('button', { name: 'Dismiss' }).click()
    await message(bob, 'Message deleted').waitFor()
  })

  test('[X3] a new message is announced once, with author and text', async () => {
    const spoken = bob.page.locator('[role=status]').filter({ hasText: 'Ana Marlowe: say it' })
    await bob.page.bringToFront()
    await say(ana, 'say it')
    await spoken.waitFor({ state: 'attached' })
  })

  test('[L1] [S6] a direct message shows in the list, in the title, and goes when it is read', async () => {
    await bob.page.goto(product.url)
    await ana.page.getByRole('link', { name: 'New conversation' }).first().click()
    await ana.page.getByLabel('Find somebody').fill('bob')
    await ana.page.getByRole('button', { name: 'Message Bob Tanaka' }).click()
    await ana.page.getByRole('heading', { name: 'Bob Tanaka' }).waitFor()
    await say(ana, 'only for you')
    const row = bob.page.getByRole('link', { name: /^Ana Marlowe/ })
    await row.getByText('only for you').waitFor()
    await row.getByText('1 unread').waitFor()
    await expect.poll(() => bob.page.title()).toBe('(1) Tidings')
    await row.click()
    await message(bob, 'only for you').waitFor()
    await expect.poll(() => bob.page.title()).toBe('Ana Marlowe - Tidings')
    await message(ana, 'only for you').getByRole('img', { name: 'Read' }).waitFor()
  })

  test('[C3] a draft stays in its room and survives a reload', async () => {
    await ana.page.getByRole('textbox', { name: /^Message to/ }).fill('half a thought')
    await ana.page.getByRole('link', { name: /^Design/ }).click()
    await ana.page.getByRole('heading', { name: 'Design' }).waitFor()
    expect(await ana.page.getByRole('textbox', { name: /^Message to/ }).inputValue()).toBe('')
    await ana.page
      .getByRole('link', { name: /^Bob Tanaka/ })
      .getByText('half a thought')
      .waitFor()
    await ana.page.reload()
    await ana.page.getByRole('heading', { name: 'Design' }).waitFor()
    await ana.page.getByRole('link', { name: /^Bob Tanaka/ }).click()
    await expect.poll(() => ana.page.getByRole('textbox', { name: /^Message to/ }).inputValue()).toBe('half a thought')
  })

  test('[A2] what was written without a network is sent when it is back, once', async () => {
    await ana.page.getByRole('textbox', { name: /^Message to/ }).fill('')
    await ana.context.setOffline(true)
    await say(ana, 'written offline')
    await message(ana, 'written offline').waitFor()
    await ana.context.setOffline(false)
    await message(bob, 'written offline').waitFor()
    expect(await bob.page.getByRole('log').getByText('written offline').count()).toBe(1)
    ana.problems.length = 0
  })

  test('[B6] nobody saw an error, a violation of the policy, or a request to another origin', () => {
    expect([...ana.problems, ...bob.problems]).toEqual([])
  })
})
