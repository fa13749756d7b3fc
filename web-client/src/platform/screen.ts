const COMPACT = '(width < 720px)'

/** What the window looks like, and whether somebody sees it. */
export function createScreen(window: Window) {
  const query = window.matchMedia(COMPACT)
  const { document } = window
  return {
    compact: () => query.matches,
    watched: () => document.visibilityState === 'visible' && document.hasFocus(),
    subscribe(listener: () => void) {
      query.addEventListener('change', listener)
      document.addEventListener('visibilitychange', listener)
      window.addEventListener('focus', listener)
      window.addEventListener('blur', listener)
      window.addEventListener('pagehide', listener)
      return () => {
        query.removeEventListener('change', listener)
        document.removeEventListener('visibilitychange', listener)
        window.removeEventListener('focus', listener)
        window.removeEventListener('blur', listener)
        window.removeEventListener('pagehide', listener)
      }
    },
  }
}
