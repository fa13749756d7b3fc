import { Icon } from '../ui/icon.tsx'
import { useApp } from './app-context.tsx'

/** The head of a pane that lies over or beside another one. */
export function PaneHead({ title, level, onClose }: { title: string; level: 'h1' | 'h2'; onClose: () => void }) {
  const { compact } = useApp()
  const Heading = compact.value ? 'h1' : level
  return (
    <div class="bar">
      {compact.value && (
        <button type="button" class="icon-button" aria-label="Back" onClick={onClose}>
          <Icon name="back" />
        </button>
      )}
      <div class="bar-title">
        <Heading>{title}</Heading>
      </div>
      {!compact.value && (
        <button type="button" class="icon-button" aria-label="Close" title="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      )}
    </div>
  )
}
