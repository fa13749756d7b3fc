/** What rows ask of the list; the same object while it lives. */
export type ListHandlers = {
  /** The row whose actions are shown. */
  activate(key: string | undefined): void
  jumpTo(seq: number): Promise<void>
  loadGap(after: number): void
}
