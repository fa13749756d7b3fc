/** JSON and files over HTTP. Every failure is a ChatError of the catalogue. */
import { ChatError, type ErrorCode, isErrorCode } from '../../protocol/errors.ts'
import type { Clock, Fetch } from './ports.ts'

const TIMEOUT_MS = 20_000

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

/**
 * One exchange with `/api{path}`. Resolves with the parsed body, `undefined` without one. Rejects with ChatError:
 * `unavailable` when no answer came within 20 s, else what the server said.
 */
export type HttpClient = <Result>(method: Method, path: string, body?: unknown, token?: string) => Promise<Result>

export function createHttpClient({ fetch, clock }: { fetch: Fetch; clock: Clock }, url: string): HttpClient {
  return async <Result>(method: Method, path: string, body?: unknown, token?: string) => {
    const abort = new AbortController()
    const timer = clock.setTimeout(() => abort.abort(), TIMEOUT_MS)
    try {
      const response = await fetch(`${url}/api${path}`, {
        method,
        headers: {
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': body instanceof Blob ? body.type : 'application/json' }),
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        ...(body !== undefined && { body: body instanceof Blob ? body : JSON.stringify(body) }),
        signal: abort.signal,
        credentials: 'same-origin',
      })
      const answer = parse(await response.text())
      if (response.status >= 400) throw toChatError(response.status, answer, response.headers.get('retry-after'))
      // The server's answers are typed by the contract; nobody checks them a second time in the browser.
      return answer as Result
    } catch (error) {
      throw error instanceof ChatError ? error : new ChatError('unavailable', { cause: error })
    } finally {
      clock.clearTimeout(timer)
    }
  }
}

/** `?a=1&b=2` of what is defined. */
export function queryString(values: Record<string, string | number | undefined>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value))
  return `?${query}`
}

/** An error as it stands in answers of both doors; `fallback` when its code is none of the catalogue. */
export function readError(error: unknown, fallback: ErrorCode, retryAfterMs?: number): ChatError {
  const { code, message, details, retryAfterMs: told = retryAfterMs } = (error ?? {}) as Record<string, unknown>
  return new ChatError(isErrorCode(code) ? code : fallback, {
    ...(typeof message === 'string' && { publicMessage: message }),
    ...(details !== undefined && { details }),
    ...(typeof told === 'number' && { retryAfterMs: told }),
  })
}

function toChatError(status: number, answer: unknown, retryAfter: string | null): ChatError {
  const { error } = (answer ?? {}) as { error?: unknown }
  return readError(error, codeOf(status), retryAfter ? Number(retryAfter) * 1000 || undefined : undefined)
}

/** For answers of something in between that does not know the catalogue. */
function codeOf(status: number): ErrorCode {
  if (status === 401) return 'unauthorized'
  if (status === 403) return 'forbidden'
  if (status === 404) return 'not_found'
  if (status === 413) return 'too_large'
  if (status === 429) return 'rate_limited'
  return status < 500 ? 'invalid_request' : 'unavailable'
}

function parse(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    // Not from our server; the status says enough.
    return undefined
  }
}
