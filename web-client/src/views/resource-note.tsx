import type { Resource } from '../state/resource.ts'

/** That something is still on its way, or why it did not come. */
export function ResourceNote<Value>({ resource }: { resource: Resource<Value> }) {
  if (resource.error.value !== undefined) {
    return (
      <div class="note note-error" role="alert">
        <p class="note-text">{resource.error.value}</p>
        <button type="button" class="button" onClick={resource.load}>
          Try again
        </button>
      </div>
    )
  }
  return resource.value.value === undefined ? (
    <p class="muted" role="status">
      Loading…
    </p>
  ) : null
}
