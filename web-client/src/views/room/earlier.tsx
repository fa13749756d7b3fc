/** What stands above the first message while there are older ones. */
export function Earlier({ failed, retry }: { failed: boolean; retry: () => void }) {
  if (failed) {
    return (
      <div class="system">
        Earlier messages could not be loaded.{' '}
        <button type="button" class="link-button" onClick={retry}>
          Try again
        </button>
      </div>
    )
  }
  return (
    <div class="loading-rows" aria-hidden="true">
      <div class="skeleton" />
      <div class="skeleton" />
    </div>
  )
}
