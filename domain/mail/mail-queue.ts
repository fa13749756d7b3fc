import type { Log } from '../log.ts'
import type { Timers } from '../time.ts'
import { type Mail, MailRefused, type MailTransport } from './mail.ts'

/** Letters on their way, in the background: whoever asks for one never waits, and cannot tell whether there is one. */
export interface MailQueue {
  /** Whether this server sends mail at all. Where it does not, what is posted is dropped. */
  readonly enabled: boolean
  /** Does work whose outcome is a letter, or none, and sends it. Never throws. */
  post(write: () => Promise<Mail | undefined>): void
  /** Takes no more, and waits a little for what is being sent; what would be tried again is lost. */
  close(): Promise<void>
}

const AT_ONCE = 4
const WAITING_AT_MOST = 1_000
const TRY_AGAIN_MS = [5_000, 60_000, 600_000]
const LAST_WAIT_MS = 3_000

/** Kept in memory only: a letter that a restart loses is asked for again, and links are nowhere in clear. */
export function createMailQueue(deps: { transport: MailTransport | undefined; timers: Timers; log: Log }): MailQueue {
  const { transport, timers, log } = deps
  if (transport === undefined) return { enabled: false, post: () => undefined, close: async () => undefined }
  const waiting: (() => Promise<void>)[] = []
  const running = new Set<Promise<void>>()
  const retries = new Set<() => void>()
  let closed = false

  function add(work: () => Promise<void>): void {
    if (closed) return
    if (waiting.length >= WAITING_AT_MOST) {
      log.warn({}, 'a mail was dropped: too many wait')
      return
    }
    waiting.push(work)
    next()
  }

  function next(): void {
    if (running.size >= AT_ONCE) return
    const work = waiting.shift()
    if (work === undefined) return
    const run: Promise<void> = work()
      .catch((error: unknown) => log.error({ err: error }, 'a mail could not be written'))
      .finally(() => {
        running.delete(run)
        next()
      })
    running.add(run)
  }

  async function deliver(carrier: MailTransport, mail: Mail, attempt: number): Promise<void> {
    try {
      await carrier.send(mail)
    } catch (error) {
      const wait = error instanceof MailRefused ? undefined : TRY_AGAIN_MS[attempt]
      // The error of a mail server may quote the address, so only its code is told.
      const { code, responseCode } = error as { code?: string; responseCode?: number }
      log.warn({ code, responseCode, attempt, final: wait === undefined }, 'a mail was not taken')
      if (wait === undefined || closed) return
      const cancel = timers.after(wait, () => {
        retries.delete(cancel)
        add(() => deliver(carrier, mail, attempt + 1))
      })
      retries.add(cancel)
    }
  }

  return {
    enabled: true,
    post: (write) =>
      add(async () => {
        const mail = await write()
        if (mail !== undefined) await deliver(transport, mail, 0)
      }),
    async close() {
      closed = true
      waiting.length = 0
      for (const cancel of retries) cancel()
      let stop: (() => void) | undefined
      const late = new Promise<void>((resolve) => {
        stop = timers.after(LAST_WAIT_MS, resolve)
      })
      await Promise.race([Promise.all(running), late])
      stop?.()
      transport.close()
    },
  }
}
