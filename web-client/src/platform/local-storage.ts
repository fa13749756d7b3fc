/** Small strings in the browser's storage. Where it is full or forbidden, nothing is kept and nothing breaks. */
export function createLocalStorage(storage: () => Storage) {
  function attempt<Result>(work: (storage: Storage) => Result, otherwise: Result): Result {
    try {
      return work(storage())
    } catch {
      // Forbidden by the settings of the browser, or full: what is kept here is comfort, never a message.
      return otherwise
    }
  }
  return {
    get: (key: string) => attempt((kept) => kept.getItem(key) ?? undefined, undefined),
    set: (key: string, value: string | undefined) =>
      attempt((kept) => (value === undefined ? kept.removeItem(key) : kept.setItem(key, value)), undefined),
    keys: (prefix: string) =>
      attempt((kept) => Object.keys(kept).filter((key) => key.startsWith(prefix)), [] as string[]),
  }
}
