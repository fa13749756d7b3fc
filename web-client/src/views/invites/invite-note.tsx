import { codeText } from '../../state/failure.ts'
import type { Resource } from '../../state/resource.ts'
import { Icon } from '../../ui/icon.tsx'
import { ResourceNote } from '../resource-note.tsx'

/** Why a link cannot be shown yet, or not any more: trying again does not bring it back. */
export function InviteNote<Value>({ resource }: { resource: Resource<Value> }) {
  const text = codeText('invalid_link')
  if (resource.error.value !== text) return <ResourceNote resource={resource} />
  return (
    <div class="note note-error" role="alert">
      <Icon name="alert" />
      <p class="note-text">{text}</p>
    </div>
  )
}
