/** What every screen must pass: rules of accessibility, targets large enough to press, nothing that leaves the page. */
import axe from 'axe-core'
import type { Visitor } from './browser.ts'

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** What axe-core has against the page as it is. */
export async function violations({ page }: Visitor): Promise<string[]> {
  await page.evaluate(axe.source)
  const found = await page.evaluate(
    (tags) => (globalThis as unknown as { axe: typeof axe }).axe.run({ runOnly: { type: 'tag', values: tags } }),
    RULES,
  )
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html, target }) => `${id}: ${target} ${html}`))
}

/** Things to press that are smaller than they must be; links inside a text are text. */
export function smallTargets({ page }: Visitor, least: number): Promise<string[]> {
  return page.evaluate((size) => {
    const found: string[] = []
    for (const element of document.querySelectorAll<HTMLElement>('button, a[href], input, select, textarea, summary')) {
      if (!element.checkVisibility({ visibilityProperty: true }) || element.closest('.text, p, .gate-other')) continue
      const target = element.closest('label') ?? element
      const { width, height } = target.getBoundingClientRect()
      if (width < size - 0.5 || height < size - 0.5) found.push(`${width}x${height} ${element.outerHTML.slice(0, 120)}`)
    }
    return found
  }, least)
}

/** Whether something must be scrolled sideways. */
export const overflows = ({ page }: Visitor): Promise<boolean> =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    return (
      scrollWidth > clientWidth ||
      [...document.querySelectorAll('.scroll, .log-scroll')].some((pane) => pane.scrollWidth > pane.clientWidth + 1)
    )
  })
