/**
 * A small markdown into a tree, never into HTML: bold, italic, strike, code, links, quotes, bullets. One pass over the
 * text, bounded depth; every input is some tree.
 */
export type Inline =
  | { readonly kind: 'text' | 'code'; readonly text: string }
  | { readonly kind: 'strong' | 'em' | 'del'; readonly children: readonly Inline[] }
  | { readonly kind: 'link'; readonly href: string; readonly children: readonly Inline[] }
  | { readonly kind: 'mention'; readonly user: string }
export type Block =
  | { readonly kind: 'paragraph' | 'quote'; readonly children: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly (readonly Inline[])[] }

const MAX_INPUT = 16 * 1024
const MAX_DEPTH = 6
const FENCE = '```'
const BULLET = /^\s{0,3}[-*] /
const WORD = /[\p{L}\p{N}]/u
const URL_START = /https?:\/\/[^\s<>"]+/y
const MENTION = /@[a-z0-9][a-z0-9_.-]{1,31}/y
const ESCAPABLE = '\\`*_~[]()>-@'

/** Only these leave the page ([R23]); anything else stays text. */
export function safeHref(raw: string): string | undefined {
  try {
    const { protocol, href } = new URL(raw)
    return protocol === 'https:' || protocol === 'http:' || protocol === 'mailto:' ? href : undefined
  } catch {
    // Not an absolute address: nothing to follow.
    return undefined
  }
}

export function parseMarkdown(raw: string): Block[] {
  const blocks: Block[] = []
  const lines = raw.slice(0, MAX_INPUT).split('\n')
  const lastFence = lines.lastIndexOf(FENCE)
  let paragraph: string[] = []
  const endParagraph = (): void => {
    const text = paragraph.join('\n').replace(/^\n+|\s+$/g, '')
    if (text !== '') blocks.push({ kind: 'paragraph', children: parseInline(text) })
    paragraph = []
  }

  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? ''
    const run = (belongs: (line: string) => boolean): string[] => {
      const start = index
      while (index + 1 < lines.length && belongs(lines[index + 1] ?? '')) index++
      return lines.slice(start, index + 1)
    }
    const end = line.startsWith(FENCE) && index < lastFence ? lines.indexOf(FENCE, index + 1) : -1
    if (end > 0) {
      endParagraph()
      blocks.push({ kind: 'code', text: lines.slice(index + 1, end).join('\n') })
      index = end
    } else if (line.startsWith('> ')) {
      endParagraph()
      const text = run((next) => next.startsWith('>')).map((quoted) => quoted.replace(/^> ?/, ''))
      blocks.push({ kind: 'quote', children: parseInline(text.join('\n')) })
    } else if (BULLET.test(line)) {
      endParagraph()
      blocks.push({
        kind: 'list',
        items: run((next) => BULLET.test(next)).map((item) => parseInline(item.replace(BULLET, ''))),
      })
    } else if (line.trim() === '') endParagraph()
    else paragraph.push(line)
  }
  endParagraph()
  return blocks
}

type Opener = { marker: string; at: number }
const WRAPS: Record<string, 'strong' | 'em' | 'del'> = { '**': 'strong', '*': 'em', _: 'em', '~~': 'del' }

export function parseInline(text: string): Inline[] {
  const out: Inline[] = []
  const openers: Opener[] = []
  const unclosed = new Set<string>()
  let from = 0
  let at = 0

  const flush = (end: number): void => {
    if (end > from) out.push({ kind: 'text', text: text.slice(from, end) })
  }
  const push = (node: Inline, end: number): void => {
    flush(at)
    out.push(node)
    at = from = end
  }
  /** Everything since the opener becomes the inside of one node; openers in between were only text. */
  const close = (depth: number, wrap: (children: Inline[]) => Inline, end: number): void => {
    flush(at)
    const opener = openers[depth]
    openers.length = depth
    const children = out.splice(opener?.at ?? out.length)
    // The marker itself is the first piece.
    out.push(wrap(children.slice(1)))
    at = from = end
  }
  const open = (marker: string): void => {
    flush(at)
    openers.push({ marker, at: out.length })
    out.push({ kind: 'text', text: marker })
    at = from = at + marker.length
  }

  while (at < text.length) {
    const char = text[at] ?? ''
    const before = at === 0 ? '' : (text[at - 1] ?? '')
    if (char === '\\' && ESCAPABLE.includes(text[at + 1] ?? ' ')) {
      flush(at)
      from = at + 1
      at += 2
    } else if (char === '`') {
      const marker = text.startsWith('``', at) ? '``' : '`'
      const end = unclosed.has(marker) ? -1 : text.indexOf(marker, at + marker.length)
      if (end > at + marker.length)
        push({ kind: 'code', text: text.slice(at + marker.length, end) }, end + marker.length)
      else {
        if (end < 0) unclosed.add(marker)
        at += marker.length
      }
    } else if (char === '*' || char === '_' || (char === '~' && text[at + 1] === '~')) {
      const marker = char === '_' ? '_' : text[at + 1] === char ? char + char : char
      const after = text[at + marker.length] ?? ''
      const depth = openers.findLastIndex((opener) => opener.marker === marker)
      const kind = WRAPS[marker]
      if (kind && depth >= 0 && /\S/.test(before) && !WORD.test(after)) {
        close(depth, (children) => ({ kind, children }), at + marker.length)
      } else if (kind && depth < 0 && /\S/.test(after) && !WORD.test(before) && openers.length < MAX_DEPTH) open(marker)
      else at += marker.length
    } else if (char === '[' && openers.length < MAX_DEPTH && !openers.some(({ marker }) => marker === '[')) open('[')
    else if (char === ']') {
      const depth = openers.findLastIndex((opener) => opener.marker === '[')
      const end = depth >= 0 && text[at + 1] === '(' ? endOfAddress(text, at + 2) : -1
      const href = end > 0 ? safeHref(text.slice(at + 2, end)) : undefined
      if (href !== undefined) close(depth, (children) => ({ kind: 'link', href, children }), end + 1)
      else {
        if (depth >= 0) openers.splice(depth, 1)
        at++
      }
    } else if (char === 'h' && !WORD.test(before) && !openers.some(({ marker }) => marker === '[')) {
      const found = match(URL_START, text, at)?.replace(/[.,;:!?'*_~)\]]+$/, '')
      const href = found && safeHref(found)
      if (found && href) push({ kind: 'link', href, children: [{ kind: 'text', text: found }] }, at + found.length)
      else at++
    } else if (char === '@' && !/[\p{L}\p{N}_.@-]/u.test(before)) {
      const found = match(MENTION, text, at)?.replace(/[.-]+$/, '')
      if (found && found.length > 2) push({ kind: 'mention', user: found.slice(1) }, at + found.length)
      else at++
    } else at++
  }
  flush(text.length)
  return out
}

const MAX_ADDRESS = 2_000

/** The index of the closing bracket of `(address)`, or -1. */
function endOfAddress(text: string, start: number): number {
  for (let at = start; at < text.length && at < start + MAX_ADDRESS; at++) {
    const char = text[at] ?? ''
    if (char === ')') return at
    if (/\s/.test(char)) return -1
  }
  return -1
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/** The same text without its marks, for one-line previews and announcements. */
export function plainText(raw: string): string {
  const inline = (nodes: readonly Inline[]): string =>
    nodes
      .map((node) =>
        node.kind === 'mention' ? `@${node.user}` : 'children' in node ? inline(node.children) : node.text,
      )
      .join('')
  return parseMarkdown(raw.slice(0, 500))
    .map((block) =>
      block.kind === 'code'
        ? block.text
        : block.kind === 'list'
          ? block.items.map(inline).join(' ')
          : inline(block.children),
    )
    .join(' ')
    .replace(/\s+/g, ' ')
}

const EMOJI_ONLY = /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}|\p{Emoji_Component}|\s)+$/u

/** One to three emoji and nothing else ([R25]). */
export function isEmojiOnly(text: string): boolean {
  if (text.length > 40 || /[\d#*]/.test(text) || !EMOJI_ONLY.test(text) || text.trim() === '') return false
  return [...new Intl.Segmenter().segment(text.replace(/\s/g, ''))].length <= 3
}
