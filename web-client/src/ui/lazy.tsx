import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'

/** A view whose code arrives when it is first shown. */
export function lazy<Props extends object>(load: () => Promise<ComponentType<Props>>) {
  const loaded = signal<ComponentType<Props> | undefined>(undefined)
  const failed = signal(false)
  const begin = (): void => {
    failed.value = false
    load().then(
      (view) => {
        loaded.value = view
      },
      () => {
        failed.value = true
      },
    )
  }

  return function Lazy(props: Props) {
    useEffect(() => {
      if (!loaded.peek()) begin()
    }, [])
    const View = loaded.value
    if (View) return <View {...props} />
    if (!failed.value) {
      return (
        <div class="empty waiting" role="status">
          <p>One moment…</p>
        </div>
      )
    }
    return (
      <div class="empty" role="alert">
        <p>This part could not be loaded.</p>
        <button type="button" class="button" onClick={begin}>
          Try again
        </button>
      </div>
    )
  }
}
