import { type ReadonlySignal, signal } from '@preact/signals'
import { failureText } from './failure.ts'

/** A list that the server gives in pages, with everything a screen must be able to show of it. */
export interface Pages<Item> {
  readonly items: ReadonlySignal<readonly Item[] | undefined>
  readonly more: ReadonlySignal<boolean>
  readonly loading: ReadonlySignal<boolean>
  /** Why the last attempt failed; what is there stays. */
  readonly error: ReadonlySignal<string | undefined>
  /** The first page, in place of what is there. */
  load(): Promise<void>
  loadMore(): Promise<void>
  /** Puts another in the place of each that fits; `undefined`: takes it out. */
  replace(fits: (item: Item) => boolean, by: Item | undefined): void
}

/** `ask` gets the last one of the page before. Answers that a later question has overtaken are dropped. */
export function createPages<Item>(
  ask: (last: Item | undefined) => Promise<{ items: readonly Item[]; more: boolean }>,
): Pages<Item> {
  const items = signal<readonly Item[] | undefined>(undefined)
  const more = signal(false)
  const loading = signal(false)
  const error = signal<string | undefined>(undefined)
  let turn = 0

  async function fetch(before: readonly Item[]): Promise<void> {
    const mine = ++turn
    loading.value = true
    try {
      const page = await ask(before.at(-1))
      if (mine !== turn) return
      items.value = [...before, ...page.items]
      more.value = page.more
      error.value = undefined
    } catch (failure) {
      if (mine !== turn) return
      error.value = failureText(failure)
    }
    loading.value = false
  }

  return {
    items,
    more,
    loading,
    error,
    load: () => fetch([]),
    loadMore: () => fetch(items.peek() ?? []),
    replace(fits, by) {
      const next = items.peek()?.flatMap((item) => (!fits(item) ? [item] : by === undefined ? [] : [by]))
      if (next) items.value = next
    },
  }
}
