// npm run screens: starts the product with a small town in it and writes docs/screens/*.png.
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { buildWebClient } from '../../scripts/prepare.mjs'
import { startProduct } from '../../test/start-product.ts'
import { COMPACT, openBrowser, signIn, type Visitor, visit, WIDE } from './browser.ts'
import { createRoom, post, register } from './seed.ts'

const FOLDER = fileURLToPath(new URL('../../docs/screens/', import.meta.url))
const SIZES = [
  { name: '390', size: COMPACT },
  { name: '1280', size: WIDE },
]
const THEMES = ['light', 'dark'] as const

/** Four people and a thermometer who share a garden; all of it happens today. */
async function seedGarden(url: string): Promise<void> {
  const maya = await register(url, 'maya', 'Maya Lindqvist')
  const jonas = await register(url, 'jonas', 'Jonas Weber')
  const amina = await register(url, 'amina', 'Amina Diallo')
  const theo = await register(url, 'theo', 'Théo Marchand')
  const glass = await register(url, 'greenhouse', 'Greenhouse')
  const everybody = ['jonas', 'amina', 'theo']

  await createRoom(url, amina, { id: 'seed-swap', name: 'Seed swap', kind: 'public', topicLine: 'Offer and ask' })
  await createRoom(url, jonas, { id: 'keys', name: 'Keys and rota', kind: 'private', members: ['maya', 'amina'] })
  const direct = (await createRoom(url, theo, { kind: 'direct', members: ['maya'] })) as { id: string }
  await post(url, theo, direct.id, 'The ladder is back in the shed')
  await createRoom(url, maya, {
    id: 'climate',
    name: 'Climate',
    kind: 'private',
    members: ['greenhouse', ...everybody],
  })
  await createRoom(url, maya, {
    id: 'garden',
    name: 'Mill Lane garden',
    kind: 'private',
    topicLine: 'Watering, harvest, and who has the ladder',
    members: everybody,
  })

  await post(url, jonas, 'keys', 'This week: Amina opens, I lock up')
  await post(url, amina, 'keys', 'Fine with me. @maya, do you still have the spare key?', { mentions: ['maya'] })
  await post(url, glass, 'climate', '21.4 °C, 63 % humidity')
  await post(url, glass, 'climate', '24.9 °C, 58 % humidity, window open')

  await post(url, amina, 'garden', 'Morning! The beans are up, all three rows 🌱')
  const rain = await post(url, jonas, 'garden', 'No rain until Sunday. Who can water **tomorrow** and on Friday?')
  const mine = await post(url, maya, 'garden', 'Tomorrow before eight is mine', { replyTo: rain })
  await post(url, theo, 'garden', 'Then I take Friday. Same as last time?')
  await post(url, amina, 'garden', '- tomatoes: two cans each\n- beans: one\n- the fig can wait')
  await post(url, theo, 'garden', '', { type: 'react', seq: mine, emoji: '💧', text: undefined })
  await post(url, jonas, 'garden', '', { type: 'react', seq: mine, emoji: '💧', text: undefined })
  await post(url, jonas, 'garden', 'The thermometer writes to its own room now. It is one line of cron:')
  await post(url, jonas, 'garden', "```\nmosquitto_pub -q 1 -t rooms/climate/send -m '24.9 °C'\n```")
  await post(url, maya, 'garden', 'Lovely. It even told me that the window is open.')
}

async function take({ page }: Visitor, name: string): Promise<void> {
  await page.waitForFunction(() => document.querySelector('[aria-busy=true]') === null)
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path: `${FOLDER}${name}.png`, animations: 'disabled', caret: 'hide' })
}

async function takeAll(browser: Browser, url: string): Promise<void> {
  const jonas = await visit(browser, url)
  await signIn(jonas, 'jonas')
  await jonas.page.goto(`${url}/r/garden`)
  await jonas.page.getByRole('log').getByText('the window is open').waitFor()
  for (const { name, size } of SIZES) {
    for (const theme of THEMES) {
      const maya = await visit(browser, `${url}/signin`, { size, theme })
      await maya.page.getByRole('link', { name: 'Create an account' }).waitFor()
      if (theme === 'light') await take(maya, `sign-in-${name}`)
      await signIn(maya, 'maya')
      await maya.page.getByText('Climate').first().waitFor()
      await take(maya, `list-${name}-${theme}`)
      await maya.page.goto(`${url}/r/garden`)
      await maya.page.getByRole('log').getByText('the window is open').waitFor()
      await take(maya, `room-${name}-${theme}`)
      await maya.context.close()
    }
  }
}

await mkdir(FOLDER, { recursive: true })
buildWebClient()
const product = await startProduct({ LIMIT_REQUESTS_PER_MINUTE: '0' })
try {
  await seedGarden(product.url)
  const browser = await openBrowser()
  await takeAll(browser, product.url).finally(() => browser.close())
} finally {
  await product.stop()
}
