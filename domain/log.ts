type Line = (fields: Record<string, unknown>, message: string) => void

/** What the domain asks of a logger; pino fits. Never message text, tokens or addresses. */
export interface Log {
  debug: Line
  info: Line
  warn: Line
  error: Line
}
