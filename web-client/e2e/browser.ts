/** A real browser against a real server: what every story here needs. */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { programPath } from '../../scripts/test-programs.ts'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const WIDE = { width: 1280, height: 800 }
export const COMPACT = { width: 390, height: 844 }

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: programPath('chromium'), args: FLAGS })

/** One person at one device: a profile of the browser of their own. */
export type Visitor = {
  page: Page
  context: BrowserContext
  /** What no visit may have ([B6]): errors and warnings of the console, and requests to other origins. */
  problems: string[]
}

export type VisitOptions = {
  size?: { width: number; height: number }
  theme?: 'light' | 'dark'
  /** For axe, which brings its own script. */
  bypassPolicy?: boolean
  /** Answers that belong to the story, such as a refused password. */
  expectedStatus?: number[]
}

export async function visit(browser: Browser, url: string, options: VisitOptions = {}): Promise<Visitor> {
  const { size = WIDE, theme = 'light', bypassPolicy = false, expectedStatus = [] } = options
  const context = await browser.newContext({
    viewport: size,
    colorScheme: theme,
    bypassCSP: bypassPolicy,
    locale: 'en-GB',
    hasTouch: size.width < 720,
    isMobile: size.width < 720,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const problems: string[] = []
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return
    if (expectedStatus.some((status) => message.text().includes(`status of ${status}`))) return
    problems.push(`${message.type()}: ${message.text()} ${message.location().url}`)
  })
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.stack ?? error.message}`))
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== new URL(url).origin) {
      problems.push(`another origin: ${request.url()}`)
    }
  })
  await page.goto(url)
  return { page, context, problems }
}

export const PASSWORD = 'a long enough passphrase'

/** Makes an account in the browser, as a newcomer would. */
export async function signUp({ page }: Visitor, username: string, displayName: string): Promise<void> {
  await page.getByRole('link', { name: 'Create an account' }).click()
  await page.getByLabel('Your name').fill(displayName)
  await page.getByLabel('User name').fill(username)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByRole('heading', { name: 'Conversations' }).waitFor()
}

/** Signs in somebody who has an account. */
export async function signIn({ page }: Visitor, username: string): Promise<void> {
  await page.getByLabel('User name').fill(username)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Conversations' }).waitFor()
}

/** Makes a room in the browser and ends in it. */
export async function makeRoom(
  { page }: Visitor,
  name: string,
  kind: 'Private' | 'Public',
  id?: string,
): Promise<void> {
  await page.getByRole('link', { name: 'New conversation' }).first().click()
  await page.getByRole('link', { name: 'Make a room' }).click()
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByRole('radio', { name: new RegExp(`^${kind}`) }).check()
  if (id !== undefined) await page.getByLabel('Address').fill(id)
  await page.getByRole('button', { name: 'Make the room' }).click()
  await page.getByRole('heading', { name }).waitFor()
}

/** Writes a message and sends it with Enter. */
export async function say({ page }: Visitor, text: string): Promise<void> {
  const composer = page.getByRole('textbox', { name: /^Message to/ })
  await composer.fill(text)
  await composer.press('Enter')
}

/** The last message on screen whose own text has this in it. */
export const message = ({ page }: Visitor, text: string) =>
  page
    .getByRole('log')
    .getByRole('listitem')
    .filter({ has: page.locator('.text', { hasText: text }) })
    .last()
