/** Our entries of the history carry how many of ours lie below them. */
type Entry = { depth: number }

const depthOf = (state: unknown): number =>
  typeof state === 'object' && state !== null && 'depth' in state ? Number((state as Entry).depth) : 0

/** The browser's address and history; links of our own origin are followed without a page load. */
export function createAddressBar(window: Window) {
  const listeners = new Set<() => void>()
  const tell = (): void => {
    for (const listener of listeners) listener()
  }
  const write = (path: string, replace: boolean): void => {
    const depth = depthOf(window.history.state) + (replace ? 0 : 1)
    window.history[replace ? 'replaceState' : 'pushState']({ depth } satisfies Entry, '', path)
    tell()
  }

  window.addEventListener('popstate', tell)
  window.document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (!link || link.target || link.hasAttribute('download') || link.origin !== window.location.origin) return
    event.preventDefault()
    if (link.pathname !== window.location.pathname) write(link.pathname, link.dataset.replace !== undefined)
  })

  return {
    path: () => window.location.pathname,
    push: (path: string) => write(path, false),
    replace: (path: string) => write(path, true),
    back() {
      if (depthOf(window.history.state) === 0) return false
      window.history.back()
      return true
    },
    subscribe(listener: () => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
