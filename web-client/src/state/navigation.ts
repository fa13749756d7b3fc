import { computed, type ReadonlySignal, signal } from '@preact/signals'
import { parentPath, parseRoute, type Route } from './routes.ts'

/** The addresses of the browser. */
export interface AddressBar {
  path(): string
  push(path: string): void
  replace(path: string): void
  /** One step back inside the app. False when the entry before is not ours, and nothing happened. */
  back(): boolean
  /** Calls `listener` after each change, whoever made it. */
  subscribe(listener: () => void): () => void
}

export interface Navigation {
  readonly route: ReadonlySignal<Route>
  go(path: string): void
  /** As `go`, without a new entry in the history. */
  redirect(path: string): void
  /** Closes the topmost view. */
  back(): void
}

/** The view on screen, as the address alone tells it. */
export function createNavigation(addressBar: AddressBar): Navigation {
  const path = signal(addressBar.path())
  addressBar.subscribe(() => {
    path.value = addressBar.path()
  })
  const route = computed(() => parseRoute(path.value))
  return {
    route,
    go(next) {
      if (next !== path.peek()) addressBar.push(next)
    },
    redirect: (next) => addressBar.replace(next),
    back() {
      if (!addressBar.back()) addressBar.replace(parentPath(route.peek()))
    },
  }
}
