import { crc32, deflateSync } from 'node:zlib'
import axe from 'axe-core'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../../scripts/test-programs.ts'
import { type Product, startProduct } from '../../test/start-product.ts'
import { COMPACT, message, openBrowser, say, signIn, type Visitor, visit, WIDE } from './browser.ts'
import { type Person, post, seedTown } from './seed.ts'

/** A picture of 600 x 300 pixels in one colour. */
function picture(): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const [head, foot] = [Buffer.alloc(4), Buffer.alloc(4)]
    head.writeUInt32BE(data.length)
    foot.writeUInt32BE(crc32(body))
    return Buffer.concat([head, body, foot])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(600)
  header.writeUInt32BE(300, 4)
  header.set([8, 2], 8)
  const line = Buffer.concat([Buffer.alloc(1), Buffer.alloc(600 * 3, Buffer.from('2f6f5e', 'hex'))])
  const lines = deflateSync(Buffer.concat(Array.from({ length: 300 }, () => line)))
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', lines), chunk('IEND', Buffer.alloc(0))])
}

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
async function violations({ page }: Visitor): Promise<string[]> {
  await page.evaluate(axe.source)
  const found = await page.evaluate(
    (tags) => (globalThis as unknown as { axe: typeof axe }).axe.run({ runOnly: { type: 'tag', values: tags } }),
    RULES,
  )
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html, target }) => `${id}: ${target} ${html}`))
}

describeWith('chromium', 'people', () => {
  let product: Product
  let browser: Browser
  let ana: Visitor
  let bob: Visitor
  let people: Record<'ana' | 'bob' | 'carla', Person>

  beforeAll(async () => {
    product = await startProduct({ LIMIT_REQUESTS_PER_MINUTE: '0' })
    people = await seedTown(product.url)
    browser = await openBrowser()
    const come = async (name: string): Promise<Visitor> => {
      const visitor = await visit(browser, `${product.url}/signin`, { expectedStatus: [401] })
      await signIn(visitor, name)
      await visitor.page.goto(`${product.url}/r/design`)
      await visitor.page.getByRole('log').getByText('That sentence stays').waitFor()
      return visitor
    }
    ana = await come('ana')
    bob = await come('bob')
  })
  afterAll(async () => {
    await browser?.close()
    await product?.stop()
  })

  const dialog = ({ page }: Visitor) => page.getByRole('dialog')
  const openCard = async (visitor: Visitor, text: string): Promise<void> => {
    await message(visitor, text).hover()
    await message(visitor, text).getByRole('button', { name: 'Profile' }).click()
    await dialog(visitor)
      .getByText(/of both/)
      .waitFor()
  }

  test('[PEO2] a picture is made small, sent, and seen by others at once', async () => {
    await bob.page.goto(`${product.url}/settings/profile`)
    const chosen = { name: 'me.png', mimeType: 'image/png', buffer: picture() }
    await bob.page.getByLabel('Choose a picture').setInputFiles(chosen)
    await bob.page.getByText('Your picture is changed').waitFor()
    const shown = ana.page.locator('.message img.avatar-picture').first()
    await shown.waitFor()
    expect(await shown.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth))).toBe(256)
    const answer = await fetch(product.url + (await shown.getAttribute('src')))
    expect(answer.headers.get('content-type')).toBe('image/webp')
    await bob.page.getByLabel('Choose another picture').setInputFiles({
      name: 'evil.svg',
      mimeType: 'image/svg+xml',
      buffer: Buffer.from('not a picture'),
    })
    await bob.page.getByRole('alert').getByText('This browser cannot read that picture.').waitFor()
  })

  test('[PEO1] [PEO3] what somebody says of himself stands on the card, with the rooms of both', async () => {
    await bob.page.getByLabel('About you').fill('Bees and bicycles')
    await bob.page.getByLabel('Status').fill('in the garden')
    await bob.page.getByLabel('Time zone').selectOption('Asia/Tokyo')
    await bob.page.getByLabel('Your name').fill('Bob T.')
    await bob.page.getByRole('button', { name: 'Save' }).click()
    await bob.page.getByText('Saved').waitFor()
    await message(ana, 'That sentence stays').waitFor()
    await ana.page.locator('.author').getByText('Bob T.').first().waitFor()
    await ana.page.locator('.author').getByText('Bob T.').first().click()
    await dialog(ana).getByText('Bees and bicycles').waitFor()
    await dialog(ana).getByText('Online: in the garden').waitFor()
    await dialog(ana)
      .getByText(/Local time \d\d:\d\d \(Asia\/Tokyo\)/)
      .waitFor()
    await dialog(ana).getByRole('link', { name: 'Design' }).waitFor()
    await dialog(ana).getByRole('button', { name: 'Message' }).click()
    await dialog(ana).waitFor({ state: 'hidden' })
    await ana.page.getByRole('heading', { name: 'Bob T.' }).waitFor()
    await ana.page.goBack()
    await message(ana, 'That sentence stays').waitFor()
  })

  test('[PEO6] who hides is offline for others', async () => {
    await ana.page.goto(`${product.url}/r/design/details`)
    const row = ana.page.getByRole('listitem').filter({ hasText: 'Bob T.' }).filter({ hasText: 'Member' })
    await row.getByText('online').waitFor()
    await bob.page.getByRole('link', { name: 'Privacy' }).click()
    await bob.page.getByLabel('Who sees whether you are here').selectOption('Nobody')
    await bob.page.getByText('Saved').waitFor()
    await row.getByText('online').waitFor({ state: 'hidden' })
    await bob.page.reload()
    await expect.poll(() => bob.page.getByLabel('Who sees whether you are here').inputValue()).toBe('nobody')
  })

  test('[PEO9] [PEO11] what a blocked person writes is folded away, and shown on request', async () => {
    await ana.page.goto(`${product.url}/r/design`)
    await openCard(ana, 'That sentence stays')
    await dialog(ana).getByRole('button', { name: 'Block', exact: true }).click()
    await dialog(ana).getByText('Nobody is told').waitFor()
    await dialog(ana).getByRole('button', { name: 'Block Bob T.' }).click()
    await dialog(ana).getByRole('button', { name: 'Unblock' }).waitFor()
    await dialog(ana).getByRole('button', { name: 'Close' }).click()
    await ana.page.getByRole('log').getByText('That sentence stays').waitFor({ state: 'hidden' })
    await post(product.url, people.bob, 'design', 'do you hear me?')
    await post(product.url, people.carla, 'design', 'I do')
    await message(ana, 'I do').waitFor()
    expect(await ana.page.getByRole('log').getByText('do you hear me?').count()).toBe(0)
    const folded = ana.page.getByRole('listitem').filter({ hasText: 'of people you blocked' }).last()
    await folded.getByRole('button', { name: 'Show' }).click()
    await message(ana, 'do you hear me?').waitFor()
    await ana.page.reload()
    await message(ana, 'I do').waitFor()
    expect(await ana.page.getByRole('log').getByText('do you hear me?').count()).toBe(0)
  })

  test('[PEO9] somebody blocked cannot write to me alone, and does not see why', async () => {
    await bob.page.goto(product.url)
    await bob.page.getByRole('link', { name: /^Ana Marlowe/ }).click()
    await say(bob, 'hello?')
    await bob.page.getByText('You may not do this.').waitFor()
    await ana.page.goto(`${product.url}/settings/privacy`)
    await ana.page.getByRole('button', { name: 'Unblock Bob T.' }).click()
    await ana.page.getByText('You have blocked nobody.').waitFor()
    await say(bob, 'hello again')
    await ana.page.getByRole('link', { name: /^Bob T\./ }).click()
    await message(ana, 'hello again').waitFor()
  })

  test('[PEO4] the people whom I know come first', async () => {
    await ana.page.goto(`${product.url}/new/people`)
    const list = ana.page.getByRole('list', { name: 'People' })
    await list.getByText('Carla de la Fuente').first().waitFor()
    expect(await list.getByRole('listitem').count()).toBe(2)
    await ana.page.getByRole('searchbox', { name: 'Find somebody' }).fill('no such')
    await ana.page.getByText('Nobody is called “no such”.').waitFor()
  })

  test('[B6] nobody saw an error', () => {
    expect([...ana.problems, ...bob.problems]).toEqual([])
  })

  test.each([
    { size: WIDE, theme: 'light' as const },
    { size: WIDE, theme: 'dark' as const },
    { size: COMPACT, theme: 'light' as const },
    { size: COMPACT, theme: 'dark' as const },
  ])('[B1] $size.width wide, $theme: the card, a folded message and the settings have no violation', async (look) => {
    const carla = await visit(browser, `${product.url}/signin`, { ...look, bypassPolicy: true, expectedStatus: [401] })
    const name = `${look.size.width}-${look.theme}`
    const shoot = async (screen: string): Promise<void> => {
      await carla.page.waitForFunction(() => document.querySelector('[aria-busy=true]') === null)
      expect.soft(await violations(carla), screen).toEqual([])
      if (process.env.SCREENS) await carla.page.screenshot({ path: `${process.env.SCREENS}/${screen}-${name}.png` })
    }
    await signIn(carla, 'carla')
    await fetch(`${product.url}/api/me/blocks/ana`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${people.carla.accessToken}` },
    })
    await carla.page.goto(`${product.url}/r/design`)
    await carla.page.getByText('of a person you blocked').first().waitFor()
    await shoot('folded')
    const author = carla.page.locator('.author').getByText('Bob T.').first()
    await (look.size === COMPACT ? author.tap() : author.click())
    await dialog(carla).getByText('Bees and bicycles').waitFor()
    await shoot('card')
    await dialog(carla).getByRole('button', { name: 'Block', exact: true }).click()
    await shoot('card-block')
    await carla.page.goto(`${product.url}/settings/privacy`)
    await carla.page.getByRole('button', { name: 'Unblock Ana Marlowe' }).waitFor()
    await shoot('privacy')
    await carla.page.goto(`${product.url}/settings/profile`)
    await carla.page.getByLabel('About you').waitFor()
    await shoot('profile')
    expect(carla.problems).toEqual([])
    await carla.context.close()
  })
})
