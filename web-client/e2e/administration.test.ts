import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../../scripts/test-programs.ts'
import { type Product, startProduct } from '../../test/start-product.ts'
import { COMPACT, message, openBrowser, PASSWORD, signIn, type Visitor, visit } from './browser.ts'
import { createRoom, joinRoom, post, register } from './seed.ts'

describeWith('chromium', 'those who run the server', () => {
  let product: Product
  let browser: Browser
  let ana: Visitor
  let owner: Visitor
  let spammer: Visitor

  beforeAll(async () => {
    product = await startProduct({ LIMIT_REQUESTS_PER_MINUTE: '0' })
    browser = await openBrowser()
    await register(product.url, 'olga', 'Olga Ivers')
    const people = [
      await register(product.url, 'ana', 'Ana Marlowe'),
      await register(product.url, 'zed', 'Zed Spam'),
    ] as const
    await createRoom(product.url, people[0], { id: 'design', name: 'Design', kind: 'private', members: ['zed'] })
    await createRoom(product.url, people[0], { id: 'lunch', name: 'Lunch', kind: 'public' })
    await joinRoom(product.url, people[1], 'lunch')
    await post(product.url, people[1], 'design', 'Cheap watches, buy now')
    const expected = { expectedStatus: [401, 403] }
    ana = await visit(browser, product.url, expected)
    owner = await visit(browser, product.url, { ...expected, size: COMPACT })
    spammer = await visit(browser, product.url, expected)
    for (const [visitor, name] of [
      [ana, 'ana'],
      [owner, 'olga'],
      [spammer, 'zed'],
    ] as const) {
      await signIn(visitor, name)
    }
    await spammer.page.goto(`${product.url}/r/design`)
    await message(spammer, 'Cheap watches').waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await product?.stop()
  })

  test('[ADM5] a message is reported from its menu', async () => {
    await ana.page.goto(`${product.url}/r/design`)
    await message(ana, 'Cheap watches').hover()
    await message(ana, 'Cheap watches').getByRole('button', { name: 'Report' }).click()
    const dialog = ana.page.getByRole('dialog', { name: 'Report this message' })
    await dialog.getByText('Cheap watches').waitFor()
    await dialog.getByRole('radio', { name: 'Spam' }).check()
    await dialog.getByLabel('Anything else').fill('The third time today')
    await dialog.getByRole('button', { name: 'Send report' }).click()
    await ana.page.getByText('Those who run this server will look at it').waitFor()
  })

  test('[ADM7] the owner of the server removes it: the room sees it go', async () => {
    await owner.page.getByRole('link', { name: 'Settings' }).click()
    await owner.page.getByRole('link', { name: 'Administration' }).click()
    const report = owner.page.getByRole('article', { name: /Zed Spam/ })
    await report.getByText('Cheap watches, buy now').waitFor()
    await report.getByText('The third time today').waitFor()
    await report.getByRole('button', { name: 'Remove message' }).click()
    await owner.page.getByRole('dialog').getByRole('button', { name: 'Remove message' }).click()
    await message(ana, 'Message deleted').waitFor()
    await message(spammer, 'Message deleted').waitFor()
  })

  test('[ADM6] and suspends the author, whose open page says so', async () => {
    await owner.page.getByRole('button', { name: 'Suspend author' }).click()
    const dialog = owner.page.getByRole('dialog', { name: 'Suspend Zed Spam?' })
    await dialog.getByLabel('Reason').fill('Advertising')
    await dialog.getByRole('button', { name: 'Suspend' }).click()
    await owner.page.getByText('Zed Spam is suspended').waitFor()
    await spammer.page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await spammer.page.getByText('This account is suspended.').waitFor()
    await spammer.page.getByLabel('User name').fill('zed')
    await spammer.page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await spammer.page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await spammer.page.getByText('Reason: Advertising').waitFor()
  })

  test('[ADM8] restores him, and makes somebody a moderator', async () => {
    await owner.page.getByRole('link', { name: 'People', exact: true }).click()
    await owner.page.getByRole('button', { name: 'Manage Zed Spam' }).click()
    const dialog = owner.page.getByRole('dialog', { name: 'Zed Spam' })
    await dialog.getByText('Advertising').waitFor()
    await dialog.getByRole('button', { name: 'Restore' }).click()
    await dialog.getByText('The account is restored.').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    await owner.page.getByRole('button', { name: 'Manage Ana Marlowe' }).click()
    await owner.page.getByLabel('Role on the server').selectOption('moderator')
    await owner.page.getByRole('button', { name: 'Change role' }).click()
    await owner.page.getByText('The role was changed.').waitFor()
    await owner.page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
    await spammer.page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await spammer.page.getByRole('heading', { name: 'Conversations' }).waitFor()
  })

  test('[ADM1] a moderator finds the console without the audit log, an ordinary user nothing', async () => {
    await ana.page.goto(`${product.url}/admin`)
    await ana.page.getByText('Nothing is waiting.').waitFor()
    expect(await ana.page.getByRole('link', { name: 'Audit log' }).count()).toBe(0)
    await spammer.page.goto(`${product.url}/admin/users`)
    await spammer.page.getByText('This part is for those who run this server.').waitFor()
    await spammer.page.goto(`${product.url}/settings/profile`)
    await spammer.page.getByRole('heading', { name: 'Settings' }).waitFor()
    expect(await spammer.page.getByRole('link', { name: 'Administration' }).count()).toBe(0)
  })

  test('[ADM5] the reporter sees that it was handled, no more', async () => {
    await ana.page.goto(`${product.url}/settings/privacy`)
    const mine = ana.page.getByRole('region', { name: 'Your reports' })
    await mine.getByText('A message in design').waitFor()
    await mine.getByText('Handled').waitFor()
  })

  test('[ADM8] an invitation to the server is made and copied', async () => {
    await owner.page.getByRole('link', { name: 'Invitations', exact: true }).click()
    await owner.page.getByLabel('Note').fill('For the neighbours')
    await owner.page.getByRole('button', { name: 'Make the link' }).click()
    await owner.page.getByRole('button', { name: 'Copy link For the neighbours' }).waitFor()
  })

  test('[AUD1] [ADM8] what was done stands in the audit log; the server says how it is', async () => {
    await owner.page.getByRole('link', { name: 'Audit log' }).click()
    const log = owner.page.getByRole('list', { name: 'Audit log' })
    for (const act of ['User suspended', 'User restored', 'Message removed', 'Report made', 'Server role changed']) {
      await log.getByText(act).first().waitFor()
    }
    await owner.page.getByLabel('What').selectOption('user-suspended')
    await expect.poll(() => log.getByRole('listitem').count()).toBe(1)
    await owner.page.getByRole('link', { name: 'Server', exact: true }).click()
    await owner.page.getByText('Running since').waitFor()
    await owner.page.getByRole('link', { name: 'Rooms', exact: true }).click()
    await owner.page.getByRole('link', { name: 'Lunch' }).waitFor()
    expect(await owner.page.getByText('Design').count()).toBe(0)
  })

  test('[B6] nobody saw an error, a violation of the policy, or a request to another origin', () => {
    expect([...ana.problems, ...owner.problems, ...spammer.problems]).toEqual([])
  })
})
