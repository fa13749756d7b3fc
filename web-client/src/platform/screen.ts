// The same widths stand in styles/layout.css.
const COMPACT = '(width < 720px)'
const WIDE = '(width >= 1200px)'

/** What the window looks like, and whether somebody sees it. */
export function createScreen(window: Window) {
  const compact = window.matchMedia(COMPACT)
  const wide = window.matchMedia(WIDE)
  const { document } = window
  return {
    layout: (): 'compact' | 'medium' | 'wide' => (compact.matches ? 'compact' : wide.matches ? 'wide' : 'medium'),
    watched: () => document.visibilityState === 'visible' && document.hasFocus(),
    subscribe(listener: () => void) {
      compact.addEventListener('change', listener)
      wide.addEventListener('change', listener)
      document.addEventListener('visibilitychange', listener)
      window.addEventListener('focus', listener)
      window.addEventListener('blur', listener)
      return () => {
        compact.removeEventListener('change', listener)
        wide.removeEventListener('change', listener)
        document.removeEventListener('visibilitychange', listener)
        window.removeEventListener('focus', listener)
        window.removeEventListener('blur', listener)
      }
    },
    onLeave(listener: () => void) {
      const hidden = (): void => {
        if (document.visibilityState === 'hidden') listener()
      }
      document.addEventListener('visibilitychange', hidden)
      window.addEventListener('pagehide', listener)
      return () => {
        document.removeEventListener('visibilitychange', hidden)
        window.removeEventListener('pagehide', listener)
      }
    },
  }
}
