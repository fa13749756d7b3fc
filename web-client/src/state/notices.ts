import { type ReadonlySignal, signal } from '@preact/signals'
import type { Clock } from '../../sdk/index.ts'

const SHOWN_MS = 6_000

export type Notice = {
  readonly text: string
  readonly action?: { readonly name: string; run(): void } | undefined
}

/** The one line that confirms or reports something; a new one takes the place of the old. */
export interface Notices {
  readonly current: ReadonlySignal<Notice | undefined>
  /** `done` runs when the notice goes without its action having been taken. */
  show(text: string, action?: Notice['action'], done?: () => void): void
  /** Takes the action of the current notice. */
  act(): void
  close(): void
  /** The pointer or the focus is on it: it stays. */
  hold(): void
  release(): void
}

export function createNotices(clock: Clock): Notices {
  const current = signal<Notice | undefined>(undefined)
  let pending: (() => void) | undefined
  let timer: unknown

  function close(): void {
    clock.clearTimeout(timer)
    current.value = undefined
    const done = pending
    pending = undefined
    done?.()
  }
  function release(): void {
    clock.clearTimeout(timer)
    if (current.peek()) timer = clock.setTimeout(close, SHOWN_MS)
  }

  return {
    current,
    show(text, action, done) {
      close()
      current.value = { text, action }
      pending = done
      release()
    },
    act() {
      const action = current.peek()?.action
      pending = undefined
      close()
      action?.run()
    },
    close,
    hold: () => clock.clearTimeout(timer),
    release,
  }
}
