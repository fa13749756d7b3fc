/** The `text` form: one plain line for terminals and displays (SPEC.md, TXV1). */
import type { ChatEvent } from './events.ts'

/** `alice: hello`, an edit as `alice: * hello`; `undefined` for events that have no line. */
export function textLine(event: ChatEvent): string | undefined {
  if (event.type === 'message') return `${event.from}: ${event.text}`
  return event.type === 'edited' ? `${event.from}: * ${event.text}` : undefined
}
