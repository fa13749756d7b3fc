/** The web app and plain MQTT in one room: what a person sees of a device, and a device of a person. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith, programPath } from '../../scripts/test-programs.ts'
import { type Product, startProduct } from '../../test/start-product.ts'
import { makeRoom, message, openBrowser, say, signUp, type Visitor, visit } from './browser.ts'
import { appToken, joinRoom, register } from './seed.ts'

describeWith('chromium', 'two pages and a terminal', () => {
  let product: Product
  let browser: Browser
  let ana: Visitor
  let bob: Visitor
  let token: string
  let terminal: ChildProcess
  const lines: string[] = []

  beforeAll(async () => {
    product = await startProduct({ LIMIT_REQUESTS_PER_MINUTE: '0' })
    browser = await openBrowser()
    ana = await visit(browser, product.url)
    bob = await visit(browser, product.url)
    await signUp(ana, 'ana', 'Ana Marlowe')
    await signUp(bob, 'bob', 'Bob Tanaka')
    await makeRoom(ana, 'Operations', 'Public', 'ops')
    await bob.page.getByRole('link', { name: 'Browse rooms' }).first().click()
    await bob.page.getByRole('button', { name: 'Join Operations' }).click()
    await bob.page.getByRole('heading', { name: 'Operations' }).waitFor()

    const cron = await register(product.url, 'cron', 'Night jobs')
    await joinRoom(product.url, cron, 'ops')
    token = await appToken(product.url, cron)
    const here = ['-h', '127.0.0.1', '-p', String(product.mqttPort), '-u', 'cron', '-P', token]
    terminal = spawn('mosquitto_sub', [...here, '-t', 'rooms/+/text', '-t', 'rooms/+/state'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const output = createInterface({ input: terminal.stdout as NodeJS.ReadableStream })
    const ready = new Promise<void>((resolve) => {
      output.on('line', (line) => {
        // The retained state of the room comes at once: from then on the subscription stands.
        if (line.startsWith('{')) resolve()
        else lines.push(line)
      })
    })
    await ready
  })
  afterAll(async () => {
    terminal?.kill()
    await browser?.close()
    await product?.stop()
  })

  test('[P8] mosquitto_sub with an app token sees what people write', async () => {
    programPath('mosquitto')
    await say(ana, 'hello from a browser')
    await message(bob, 'hello from a browser').waitFor()
    await say(bob, 'and from another')
    await message(ana, 'and from another').waitFor()
    await expect.poll(() => lines).toEqual(['ana: hello from a browser', 'bob: and from another'])
  })

  test('[P5] [P8] mosquitto_pub appears on both pages within 200 ms, under the name that the server knows', async () => {
    const delays: number[] = []
    for (let round = 0; round < 5; round++) {
      const text = `backup ${round} done`
      const seen = [ana, bob].map(({ page }) => page.evaluate(appearance, text))
      const here = ['-h', '127.0.0.1', '-p', String(product.mqttPort), '-u', 'cron', '-P', token]
      await promisify(execFile)('mosquitto_pub', [...here, '-t', 'rooms/ops/send', '-q', '1', '-m', text])
      const times = await Promise.all(seen)
      const history = await fetch(`${product.url}/api/messages?room=ops&limit=1`, {
        headers: { authorization: `Bearer ${token}` },
      })
      const { messages } = (await history.json()) as { messages: { from: string; text: string; at: number }[] }
      expect(messages[0]).toMatchObject({ from: 'cron', text })
      delays.push(...times.map((time) => time - (messages[0]?.at ?? 0)))
    }
    const block = ana.page.getByRole('log').getByRole('listitem').filter({ hasText: 'backup 0 done' }).last()
    await block.getByText('Night jobs').first().waitFor()
    delays.sort((a, b) => a - b)
    expect(delays[Math.floor(delays.length / 2)]).toBeLessThanOrEqual(200)
  })

  test('[B6] nobody saw an error', () => {
    expect([...ana.problems, ...bob.problems].filter((problem) => !problem.includes('status of 403'))).toEqual([])
  })
})

/** Runs in the page: when a text is first on screen, in milliseconds since 1970. */
function appearance(text: string): Promise<number> {
  const log = document.querySelector('[role=log]')
  return new Promise((resolve) => {
    const look = () => {
      if (log?.textContent?.includes(text) !== true) return
      observer.disconnect()
      resolve(Date.now())
    }
    const observer = new MutationObserver(look)
    if (log !== null) observer.observe(log, { childList: true, subtree: true, characterData: true })
    look()
  })
}
