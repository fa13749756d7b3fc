import { useLayoutEffect, useRef } from 'preact/hooks'

type Props = { label: string; tabs: readonly { path: string; name: string; current: boolean }[] }

/** The sections of a pane, as links in one line; the current one is in sight however narrow the window is. */
export function Tabs({ label, tabs }: Props) {
  const line = useRef<HTMLElement>(null)
  const current = tabs.find((tab) => tab.current)?.path
  useLayoutEffect(() => {
    line.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [current])
  return (
    <nav ref={line} class="tabs" aria-label={label}>
      {tabs.map(({ path, name, current }) => (
        <a key={path} class="chip" data-replace href={path} aria-current={current ? 'page' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  )
}
