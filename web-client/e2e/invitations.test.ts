import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../../scripts/test-programs.ts'
import { runAdmin } from '../../test/run-admin.ts'
import { type Product, startProduct } from '../../test/start-product.ts'
import { COMPACT, message, openBrowser, PASSWORD, signIn, type Visitor, visit } from './browser.ts'
import { inviteLink, inviteUser, type Person, seedTown, takeRequests } from './invitations-seed.ts'
import { createRoom, post, register } from './seed.ts'

/** Fills in the form of newcomers. */
async function fillSignUp({ page }: Visitor, username: string, displayName: string): Promise<void> {
  await page.getByLabel('Your name').fill(displayName)
  await page.getByLabel('User name').fill(username)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Create account' }).click()
}

describeWith('chromium', 'invitations', () => {
  let product: Product
  let browser: Browser
  let ana: Person

  beforeAll(async () => {
    product = await startProduct()
    browser = await openBrowser()
    ana = (await seedTown(product.url)).ana
  })
  afterAll(async () => {
    await browser?.close()
    await product?.stop()
  })

  test('[INV3] [INV11] an owner makes a link; a stranger opens it, signs up, and is in the room', async () => {
    const owner = await visit(browser, `${product.url}/r/design/details`)
    await signInAt(owner, 'ana')
    await owner.page.getByRole('button', { name: 'New link' }).click()
    await owner.page.getByLabel('It lets in').selectOption({ label: 'One person' })
    await owner.page.getByRole('button', { name: 'Make the link' }).click()
    const link = (await owner.page.getByRole('list', { name: 'Links' }).getByRole('code').textContent()) ?? ''
    expect(link).toMatch(new RegExp(`^${product.url}/invite/[\\w-]{22}$`))
    await owner.page.getByText('Ana Marlowe · 0 of 1 used').waitFor()

    const stranger = await visit(browser, link, { size: COMPACT })
    await stranger.page.getByRole('heading', { name: 'Ana Marlowe invites you to Design' }).waitFor()
    await stranger.page.getByText('Private room, 3 members').waitFor()
    await stranger.page.getByRole('link', { name: 'Create an account' }).click()
    await stranger.page.getByText('Ana Marlowe invites you to Design').waitFor()
    await fillSignUp(stranger, 'dora', 'Dora Novak')
    await stranger.page.getByRole('heading', { name: 'Design' }).waitFor()
    expect(new URL(stranger.page.url()).pathname).toBe('/r/design')
    await stranger.page.getByRole('textbox', { name: 'Message to Design' }).fill('hello, I am new')
    await stranger.page.getByRole('button', { name: 'Send' }).click()
    await message(owner, 'hello, I am new').waitFor()

    const late = await visit(browser, link, { expectedStatus: [400] })
    await late.page.getByText('The link is not valid any more').waitFor()
    expect([...owner.problems, ...stranger.problems, ...late.problems]).toEqual([])
    for (const { context } of [owner, stranger, late]) await context.close()
  })

  test('[INV3] who has an account signs in on the way, or is asked when he is in already', async () => {
    await register(product.url, 'eva', 'Eva Lind')
    const link = await inviteLink(product.url, ana, 'design')
    const eva = await visit(browser, link)
    await eva.page.getByRole('link', { name: 'I have an account' }).click()
    await signInAt(eva, 'eva')
    await eva.page.waitForURL(`${product.url}/r/design`)
    await eva.page.goto(link)
    await eva.page.getByRole('link', { name: 'Open the room' }).waitFor()
    await createRoom(product.url, ana, { id: 'attic', name: 'Attic', kind: 'private' })
    await eva.page.goto(await inviteLink(product.url, ana, 'attic'))
    await eva.page.getByRole('heading', { name: 'Ana Marlowe invites you to Attic' }).waitFor()
    await eva.page.getByRole('button', { name: 'Join the room' }).click()
    await eva.page.waitForURL(`${product.url}/r/attic`)
    expect(eva.problems).toEqual([])
    await eva.context.close()
  })

  test('[INV1] an invitation appears while one looks, is accepted, or declined', async () => {
    const bea = await register(product.url, 'bea', 'Bea Costa')
    for (const id of ['north', 'south']) await createRoom(product.url, ana, { id, name: id, kind: 'private' })
    await post(product.url, ana, 'north', 'who sees this is in')
    const visitor = await visit(browser, product.url)
    await signIn(visitor, 'bea')
    const owner = await visit(browser, `${product.url}/r/north/details`)
    await signInAt(owner, 'ana')
    await owner.page.getByRole('button', { name: 'Invite somebody' }).click()
    await owner.page.getByRole('searchbox', { name: 'Invite somebody' }).fill('bea')
    await owner.page.getByRole('button', { name: 'Invite Bea Costa' }).click()
    await owner.page.getByRole('list', { name: 'Invited' }).getByText('Bea Costa', { exact: true }).waitFor()

    const { page } = visitor
    await page.getByRole('button', { name: 'Accept the invitation to north' }).click()
    await message(visitor, 'who sees this is in').waitFor()
    await owner.page.getByRole('list', { name: 'Invited' }).waitFor({ state: 'detached' })
    await inviteUser(product.url, ana, 'south', 'bea')
    await page.getByRole('button', { name: 'Decline the invitation to south' }).click()
    await page.getByRole('heading', { name: 'Invitations' }).waitFor({ state: 'detached' })
    expect(bea.username).toBe('bea')
    expect([...visitor.problems, ...owner.problems]).toEqual([])
    for (const { context } of [visitor, owner]) await context.close()
  })

  test('[INV8] somebody asks to be let in, an admin who looks sees it, and lets him in', async () => {
    await register(product.url, 'finn', 'Finn Berg')
    await createRoom(product.url, ana, { id: 'cellar', name: 'Cellar', kind: 'private' })
    await takeRequests(product.url, ana, 'cellar')
    const admin = await visit(browser, `${product.url}/r/cellar/details`)
    await signInAt(admin, 'ana')
    await admin.page.getByText('Nobody asks to be let in.').waitFor()

    const finn = await visit(browser, product.url, { size: COMPACT, expectedStatus: [403] })
    await signIn(finn, 'finn')
    await finn.page.goto(`${product.url}/new/browse`)
    await finn.page.getByLabel('Address of the room').fill('nowhere')
    await finn.page.getByRole('button', { name: 'Ask to join' }).click()
    await finn.page.getByText('There is no such room, or it takes no requests.').waitFor()
    await finn.page.getByLabel('Address of the room').fill('cellar')
    await finn.page.getByLabel('A word about yourself').fill('I fix the pipes')
    const told = admin.page.getByText(/^(Finn Berg|finn) asks to join Cellar$/).waitFor()
    await finn.page.getByRole('button', { name: 'Ask to join' }).click()
    await finn.page.getByRole('list', { name: 'My requests' }).getByText('I fix the pipes').waitFor()

    await finn.page.goto(`${product.url}/r/cellar`)
    await finn.page.getByRole('heading', { name: 'This room cannot be shown' }).waitFor()
    await finn.page.getByRole('list', { name: 'My requests' }).getByText('I fix the pipes').waitFor()

    await told
    await admin.page.getByRole('list', { name: 'Requests to join' }).getByText('I fix the pipes').waitFor()
    await admin.page.getByRole('button', { name: 'Let in Finn Berg' }).click()
    await admin.page.getByText('Finn Berg was let in').waitFor()
    await finn.page.getByRole('textbox', { name: 'Message to Cellar' }).waitFor()
    expect([...finn.problems, ...admin.problems]).toEqual([])
    for (const { context } of [finn, admin]) await context.close()
  })

  test('[INV11] where an invitation is needed, the operator makes one, and a stranger comes by it', async () => {
    const invited = await startProduct({ REGISTRATION: 'invite' })
    try {
      const uninvited = await visit(browser, `${invited.url}/signup`)
      await uninvited.page.getByText('You need an invitation').waitFor()
      expect(await uninvited.page.getByRole('button', { name: 'Create account' }).count()).toBe(0)
      const office = { DATA_DIR: invited.dataDirectory }
      const { output } = await runAdmin(office, ['invite', '--uses', '1', '--note', 'the first'])
      const path = /\/invite\/[\w-]{22}/.exec(output.join())?.[0]
      const stranger = await visit(browser, `${invited.url}${path}`)
      await stranger.page.getByRole('heading', { name: 'You are invited to this server' }).waitFor()
      await stranger.page.getByRole('link', { name: 'Create an account' }).click()
      await fillSignUp(stranger, 'nia', 'Nia Ford')
      await stranger.page.getByText('No conversations yet').waitFor()
      expect(new URL(stranger.page.url()).pathname).toBe('/')
      expect([...uninvited.problems, ...stranger.problems]).toEqual([])
      for (const { context } of [uninvited, stranger]) await context.close()
    } finally {
      await invited.stop()
    }
  })
})

/** Signs in where another view than the list comes next. */
async function signInAt({ page }: Visitor, username: string): Promise<void> {
  await page.getByLabel('User name').fill(username)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
}
