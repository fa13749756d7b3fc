import type { ComponentChildren } from 'preact'
import { useId, useRef, useState } from 'preact/hooks'
import { Icon, type IconName } from './icon.tsx'

export type MenuItem =
  | { name: string; icon?: IconName; danger?: boolean; run(): void }
  | { name: string; icon?: IconName; href: string }

const GAP = 4

/** A button with a menu (the menu button pattern): arrows move, Escape and a choice close. */
export function Menu({
  label,
  class: className,
  children,
  items,
}: {
  label: string
  class: string
  children: ComponentChildren
  items: readonly MenuItem[]
}) {
  const id = useId()
  const button = useRef<HTMLButtonElement>(null)
  const menu = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState(false)

  const entries = (): HTMLElement[] => [...(menu.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])]
  function place(): void {
    if (!button.current || !menu.current) return
    const anchor = button.current.getBoundingClientRect()
    const { offsetWidth: width, offsetHeight: height } = menu.current
    const below = anchor.bottom + GAP + height <= innerHeight
    const left = Math.max(8, Math.min(anchor.right - width, innerWidth - width - 8))
    menu.current.style.left = `${left}px`
    menu.current.style.top = `${below ? anchor.bottom + GAP : Math.max(8, anchor.top - GAP - height)}px`
    entries()[0]?.focus()
  }
  function close(): void {
    menu.current?.hidePopover()
    button.current?.focus()
  }
  function onKeyDown(event: KeyboardEvent): void {
    const all = entries()
    const here = all.indexOf(document.activeElement as HTMLElement)
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: all.length - 1 }[event.key]
    if (to !== undefined) {
      event.preventDefault()
      all[(to + all.length) % all.length]?.focus()
    } else if (event.key === 'Tab') close()
  }

  return (
    <>
      <button
        ref={button}
        type="button"
        class={className}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        popovertarget={id}
      >
        {children}
      </button>
      <div
        ref={menu}
        id={id}
        class="menu"
        role="menu"
        aria-label={label}
        popover="auto"
        onKeyDown={onKeyDown}
        onToggle={(event) => {
          setOpen(event.newState === 'open')
          if (event.newState === 'open') place()
        }}
      >
        {items.map((item) =>
          'href' in item ? (
            <a key={item.name} role="menuitem" tabIndex={-1} class="menu-item" href={item.href} onClick={close}>
              {item.icon && <Icon name={item.icon} />}
              {item.name}
            </a>
          ) : (
            <button
              key={item.name}
              type="button"
              role="menuitem"
              tabIndex={-1}
              class={item.danger ? 'menu-item menu-item-danger' : 'menu-item'}
              onClick={() => {
                close()
                item.run()
              }}
            >
              {item.icon && <Icon name={item.icon} />}
              {item.name}
            </button>
          ),
        )}
      </div>
    </>
  )
}
