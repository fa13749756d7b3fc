/** Small strings that outlive the page. Never throws: where nothing can be kept, nothing is found. */
export interface KeyValue {
  get(key: string): string | undefined
  /** `undefined` removes. */
  set(key: string, value: string | undefined): void
  keys(prefix: string): string[]
}
