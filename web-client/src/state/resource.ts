import { type ReadonlySignal, signal } from '@preact/signals'
import { failureText } from './failure.ts'

/** A list or a thing that the server is asked for, with everything a screen must be able to show of it. */
export interface Resource<Value> {
  readonly value: ReadonlySignal<Value | undefined>
  readonly loading: ReadonlySignal<boolean>
  /** Why the last attempt failed; the value before it stays. */
  readonly error: ReadonlySignal<string | undefined>
  load(): Promise<void>
}

/** Answers that a later `load` has overtaken are dropped. */
export function createResource<Value>(ask: () => Promise<Value>): Resource<Value> {
  const value = signal<Value | undefined>(undefined)
  const loading = signal(false)
  const error = signal<string | undefined>(undefined)
  let turn = 0
  return {
    value,
    loading,
    error,
    async load() {
      const mine = ++turn
      loading.value = true
      try {
        const answer = await ask()
        if (mine !== turn) return
        value.value = answer
        error.value = undefined
      } catch (failure) {
        if (mine !== turn) return
        error.value = failureText(failure)
      }
      loading.value = false
    },
  }
}
