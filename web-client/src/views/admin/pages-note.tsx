import type { Pages } from '../../state/pages.ts'

/** Below a list in pages: that it is on its way, why it did not come, that there is nothing, or a way to more. */
export function PagesNote<Item>({ pages, none }: { pages: Pages<Item>; none: string }) {
  if (pages.error.value !== undefined) {
    return (
      <div class="note note-error" role="alert">
        <p class="note-text">{pages.error.value}</p>
        <button type="button" class="button" onClick={pages.load}>
          Try again
        </button>
      </div>
    )
  }
  if (pages.items.value === undefined) {
    return (
      <p class="muted" role="status">
        Loading…
      </p>
    )
  }
  if (pages.items.value.length === 0) {
    return (
      <p class="muted" role="status">
        {none}
      </p>
    )
  }
  if (!pages.more.value) return null
  return (
    <div class="button-row">
      <button type="button" class="button" aria-disabled={pages.loading.value} onClick={pages.loadMore}>
        {pages.loading.value ? 'One moment…' : 'Show more'}
      </button>
    </div>
  )
}
