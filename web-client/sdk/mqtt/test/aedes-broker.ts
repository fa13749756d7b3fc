import { Aedes } from 'aedes'
import type { TestBroker } from '../interop.contract.ts'
import { openWebSocketPort } from './web-socket-port.ts'

/** The code with which each of these passwords is refused. */
const refusals: Record<string, number> = { busy: 3, wrong: 4, unwelcome: 5 }

/** Aedes 1.2.0 over `ws`. Refuses the passwords above and every filter that begins with `secret/`. */
export async function startAedes(): Promise<TestBroker> {
  const broker = await Aedes.createBroker({
    authenticate: (_client, _username, password, done) => {
      const returnCode = refusals[`${password}`]
      // Later, as where a token is looked up: what follows the CONNECT has come by then.
      setImmediate(() => {
        if (returnCode) done(Object.assign(new Error('refused'), { returnCode }), null)
        else done(null, true)
      })
    },
    authorizeSubscribe: (_client, subscription, done) => {
      done(null, subscription.topic.startsWith('secret/') ? null : subscription)
    },
  })
  const port = await openWebSocketPort((_socket, stream) => broker.handle(stream()))
  return {
    url: port.url,
    async stop() {
      await new Promise<void>((resolve) => broker.close(() => resolve()))
      await port.close()
    },
  }
}
