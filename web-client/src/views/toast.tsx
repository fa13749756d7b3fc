import { Icon } from '../ui/icon.tsx'
import { useApp } from './app-context.tsx'

/** One line at the bottom; said by the live region even when nobody looks. */
export function Toast() {
  const { notices } = useApp()
  const notice = notices.current.value
  return (
    <div role="status" aria-live="polite">
      {notice && (
        <div
          class="toast"
          onPointerEnter={notices.hold}
          onPointerLeave={notices.release}
          onFocusCapture={notices.hold}
          onBlurCapture={notices.release}
        >
          <span class="note-text">{notice.text}</span>
          {notice.action && (
            <button type="button" class="toast-action" onClick={notices.act}>
              {notice.action.name}
            </button>
          )}
          <button type="button" class="icon-button" aria-label="Dismiss" onClick={notices.close}>
            <Icon name="close" />
          </button>
        </div>
      )}
    </div>
  )
}
