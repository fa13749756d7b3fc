import { useState } from 'preact/hooks'
import type { MessageItem } from '../../state/client-types.ts'
import type { Notices } from '../../state/notices.ts'
import type { RoomModel } from '../../state/room-model.ts'
import { Icon, type IconName } from '../../ui/icon.tsx'
import { copyText } from '../copy-text.ts'

const QUICK = ['👍', '❤️', '😂', '🎉', '😮', '🙏']

type Props = {
  item: MessageItem
  model: RoomModel
  notices: Notices
  mayWrite: boolean
  mayTakePart: boolean
  mayRemove: boolean
  onProfile: () => void
  onReport: () => void
  onDone: () => void
}
type Action = { name: string; icon: IconName; run(): void }

/** What can be done with a message; arrows move, Escape goes back to it. */
export function MessageToolbar({
  item,
  model,
  notices,
  mayWrite,
  mayTakePart,
  mayRemove,
  onProfile,
  onReport,
  onDone,
}: Props) {
  const [reacting, setReacting] = useState(false)

  function onKeyDown(event: KeyboardEvent): void {
    const toolbar = event.currentTarget as HTMLElement
    const buttons = [...toolbar.querySelectorAll('button')]
    const here = buttons.indexOf(document.activeElement as HTMLButtonElement)
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (step !== undefined) buttons[(here + step + buttons.length) % buttons.length]?.focus()
    else if (event.key === 'Escape') {
      toolbar.closest('li')?.focus()
      onDone()
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
  const act = (run: () => void) => (): void => {
    onDone()
    run()
  }

  const actions: Action[] = [
    ...(mayWrite ? [{ name: 'Reply', icon: 'reply', run: () => model.reply(item) } as const] : []),
    { name: 'Copy text', icon: 'copy', run: () => copyText(item.text, notices) },
    ...(item.mine && mayTakePart ? [{ name: 'Edit', icon: 'pencil', run: () => model.edit(item) } as const] : []),
    ...(item.mine ? [] : [{ name: 'Profile', icon: 'person', run: onProfile } as const]),
    ...(item.mine ? [] : [{ name: 'Report', icon: 'flag', run: onReport } as const]),
    ...(mayRemove ? [{ name: 'Delete', icon: 'trash', run: () => model.remove(item) } as const] : []),
  ]
  return (
    <div class="toolbar" role="toolbar" aria-label="Message actions" onKeyDown={onKeyDown}>
      {reacting ? (
        QUICK.map((emoji) => (
          <button
            key={emoji}
            type="button"
            class="icon-button toolbar-emoji"
            tabIndex={-1}
            aria-label={`React with ${emoji}`}
            onClick={act(() => model.react(item, emoji))}
          >
            {emoji}
          </button>
        ))
      ) : (
        <>
          {mayTakePart && (
            <button
              type="button"
              class="icon-button"
              tabIndex={-1}
              aria-label="React"
              title="React"
              onClick={(event) => {
                const toolbar = event.currentTarget.parentElement
                setReacting(true)
                requestAnimationFrame(() => toolbar?.querySelector('button')?.focus())
              }}
            >
              <Icon name="smile" />
            </button>
          )}
          {actions.map(({ name, icon, run }) => (
            <button
              key={name}
              type="button"
              class="icon-button"
              tabIndex={-1}
              aria-label={name}
              title={name}
              onClick={act(run)}
            >
              <Icon name={icon} />
            </button>
          ))}
        </>
      )}
    </div>
  )
}
