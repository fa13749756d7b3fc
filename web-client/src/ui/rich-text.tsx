import { type Block, type Inline, parseMarkdown } from './markdown.ts'

type Names = (user: string) => string | undefined

/** What somebody wrote, drawn without a line of HTML. `nameOf`: the display name of a mentioned user, if there is one. */
export function RichText({ text, nameOf }: { text: string; nameOf: Names }) {
  return <>{parseMarkdown(text).map((block, index) => drawBlock(block, index, nameOf))}</>
}

function drawBlock(block: Block, key: number, nameOf: Names) {
  switch (block.kind) {
    case 'paragraph':
      return <p key={key}>{drawInline(block.children, nameOf)}</p>
    case 'quote':
      return (
        <blockquote key={key}>
          <p>{drawInline(block.children, nameOf)}</p>
        </blockquote>
      )
    case 'code':
      return (
        <pre key={key}>
          <code>{block.text}</code>
        </pre>
      )
    case 'list':
      return (
        <ul key={key}>
          {block.items.map((item, index) => (
            <li key={index}>{drawInline(item, nameOf)}</li>
          ))}
        </ul>
      )
  }
}

function drawInline(nodes: readonly Inline[], nameOf: Names) {
  return nodes.map((node, key) => {
    switch (node.kind) {
      case 'text':
        return node.text
      case 'code':
        return <code key={key}>{node.text}</code>
      case 'link':
        return (
          <a key={key} href={node.href} target="_blank" rel="noopener noreferrer">
            {drawInline(node.children, nameOf)}
          </a>
        )
      case 'mention': {
        const name = nameOf(node.user)
        return name === undefined ? (
          `@${node.user}`
        ) : (
          <span key={key} class="mention" title={`@${node.user}`}>
            @{name}
          </span>
        )
      }
      default: {
        const Tag = node.kind
        return <Tag key={key}>{drawInline(node.children, nameOf)}</Tag>
      }
    }
  })
}
