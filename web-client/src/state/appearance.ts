import { type ReadonlySignal, signal } from '@preact/signals'
import type { KeyValue } from './key-value.ts'

export type Theme = 'system' | 'light' | 'dark'
const KEY = 'theme'

/** How the app looks on this device. */
export interface Appearance {
  readonly theme: ReadonlySignal<Theme>
  setTheme(theme: Theme): void
}

export function createAppearance(storage: KeyValue): Appearance {
  const kept = storage.get(KEY)
  const theme = signal<Theme>(kept === 'light' || kept === 'dark' ? kept : 'system')
  return {
    theme,
    setTheme(next) {
      theme.value = next
      storage.set(KEY, next === 'system' ? undefined : next)
    },
  }
}
