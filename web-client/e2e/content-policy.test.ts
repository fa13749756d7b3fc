import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../../scripts/test-programs.ts'
import { type Product, startProduct } from '../../test/start-product.ts'
import { openBrowser, visit } from './browser.ts'

describeWith('chromium', 'the policy of the pages', () => {
  let product: Product
  let browser: Browser

  beforeAll(async () => {
    product = await startProduct({ LIMIT_REQUESTS_PER_MINUTE: '0' })
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await product?.stop()
  })

  test('[WEB3] no text becomes markup or code, nothing leaves, and nobody may make a policy that lets it', async () => {
    const { page, context } = await visit(browser, `${product.url}/signin`)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    const outcome = await page.evaluate(async () => {
      const attempt = (work: () => unknown): string => {
        try {
          work()
          return 'done'
        } catch {
          return 'refused'
        }
      }
      const violated = new Set<string>()
      document.addEventListener('securitypolicyviolation', (event) => violated.add(event.effectiveDirective))
      const { trustedTypes } = globalThis as unknown as {
        trustedTypes: { createPolicy(name: string, rules: object): void }
      }
      const markup = attempt(() => {
        document.body.innerHTML = '<b>x</b>'
      })
      const source = attempt(() => {
        document.createElement('script').src = '/x.js'
      })
      const policy = attempt(() => trustedTypes.createPolicy('default', { createHTML: (text: string) => text }))
      document.body.setAttribute('style', 'color: red')
      await fetch('https://elsewhere.invalid/').catch(() => undefined)
      // In a task of the page itself: what a debugger evaluates may evaluate more.
      const code = await new Promise<string>((resolve) => {
        // biome-ignore lint/security/noGlobalEval: that it is refused is what is tested
        setTimeout(() => resolve(attempt(() => eval('1'))))
      })
      return { refused: { markup, source, policy, code }, violated: [...violated].sort() }
    })
    expect(outcome.refused).toEqual({ markup: 'refused', source: 'refused', policy: 'refused', code: 'refused' })
    expect(outcome.violated).toEqual(['connect-src', 'require-trusted-types-for', 'style-src-attr', 'trusted-types'])
    await context.close()
  })

  test('[HTTP9] the reader of the API works under its own', async () => {
    const { page, context, problems } = await visit(browser, `${product.url}/api/docs`)
    await page.getByText('/api/password-reset/finish').first().waitFor()
    await page.getByText('/api/password-reset/finish').first().click()
    await page.getByRole('button', { name: 'Try it out' }).first().waitFor()
    expect(problems).toEqual([])
    await context.close()
  })
})
