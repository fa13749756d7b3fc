import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Inline, isEmojiOnly, parseInline, parseMarkdown, plainText, safeHref } from './markdown.ts'

const draw = (nodes: readonly Inline[]): string =>
  nodes
    .map((node) => {
      if (node.kind === 'text') return node.text
      if (node.kind === 'mention') return `<@${node.user}>`
      if (!('children' in node)) return `<code ${node.text}>`
      return `<${node.kind}${node.kind === 'link' ? ` ${node.href}` : ''} ${draw(node.children)}>`
    })
    .join('')

describe('markdown', () => {
  test.each([
    ['plain', 'plain'],
    ['**bold** and *thin*', '<strong bold> and <em thin>'],
    ['_thin_ ~~gone~~', '<em thin> <del gone>'],
    ['**a *b* c**', '<strong a <em b> c>'],
    ['2*3*4 and snake_case_name', '2*3*4 and snake_case_name'],
    ['**never closed', '**never closed'],
    ['`**not bold**`', '<code **not bold**>'],
    ['``a ` b``', '<code a ` b>'],
    ['\\*as it is\\*', '*as it is*'],
    ['see https://example.org/a?b=c, or', 'see <link https://example.org/a?b=c https://example.org/a?b=c>, or'],
    ['[here](https://example.org)', '<link https://example.org/ here>'],
    ['[**here**](https://example.org)', '<link https://example.org/ <strong here>>'],
    ['[x](javascript:alert(1))', '[x](javascript:alert(1))'],
    ['[x](data:text/html,hi)', '[x](data:text/html,hi)'],
    ['hi @bob, all', 'hi <@bob>, all'],
    ['mail bob@example.org', 'mail bob@example.org'],
  ])('%s', (raw, expected) => {
    expect(draw(parseInline(raw))).toBe(expected)
  })

  test('blocks: paragraphs, quotes, bullets and code', () => {
    const kinds = parseMarkdown('one\n\n> two\n> three\n- four\n- five\n```\nsix **\n```\nseven').map(
      ({ kind }) => kind,
    )
    expect(kinds).toEqual(['paragraph', 'quote', 'list', 'code', 'paragraph'])
  })

  test('[R23] only http, https and mailto are followed', () => {
    expect(safeHref('mailto:a@example.org')).toBe('mailto:a@example.org')
    for (const bad of [
      'javascript:alert(1)',
      ' javascript:alert(1)',
      'vbscript:x',
      'file:///etc/passwd',
      '/relative',
    ]) {
      expect(safeHref(bad)).toBeUndefined()
    }
  })

  test('[B33] any text is some tree, no letter of it is lost or invented, in a moment', () => {
    const alphabet = fc.constantFrom(...'*_~`[]()>-\\@ \nab1', 'https://a.b', '```', '**', '\u202e', '👍')
    const letters = (text: string): string => text.replace(/[^ab1]/g, '')
    fc.assert(
      fc.property(fc.array(alphabet, { maxLength: 300 }), (parts) => {
        const text = parts.join('').slice(0, 400)
        const begin = performance.now()
        const blocks = parseMarkdown(text)
        expect(performance.now() - begin).toBeLessThan(200)
        if (!/[[\]@]|https/.test(text)) expect(letters(plainText(text))).toBe(letters(text))
        expect(JSON.stringify(blocks)).not.toContain('javascript:')
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    ['**'.repeat(8_000)],
    ['['.repeat(16_000)],
    ['`'.repeat(16_000)],
    ['```x\n'.repeat(3_000)],
    ['> '.repeat(8_000)],
    ['*a '.repeat(5_000)],
    ['[](https://a '.repeat(1_200)],
    ['@a'.repeat(8_000)],
    ['_*~~'.repeat(4_000)],
    ['- \n'.repeat(5_000)],
  ])('[B33] hostile repetition is parsed within 50 ms (%#)', (text) => {
    // The best of a few: the machine may have been busy with something else.
    const times = Array.from({ length: 5 }, () => {
      const begin = performance.now()
      parseMarkdown(text)
      return performance.now() - begin
    })
    expect(Math.min(...times)).toBeLessThan(50)
  })

  test('[R25] one to three emoji and nothing else', () => {
    expect(isEmojiOnly('👍🏽')).toBe(true)
    expect(isEmojiOnly('👩‍👩‍👧‍👦 ❤️')).toBe(true)
    expect(isEmojiOnly('🇩🇪')).toBe(true)
    for (const other of ['123', 'ok 👍', '👍👍👍👍', '', ' ', '#']) expect(isEmojiOnly(other)).toBe(false)
  })
})
