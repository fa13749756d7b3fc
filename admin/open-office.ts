/** What the commands work with: the database beside a server that may be running, and the acts of administration. */
import { join } from 'node:path'
import { type AuthPlugin, createAuthPlugin } from '../auth-plugin/index.ts'
import { type Config, keepSecret } from '../config/index.ts'
import { type AdministrationActs, createAdministrationActs, createLocalBus } from '../domain/index.ts'
import { openStore, type Store } from '../store/index.ts'

export type Office = {
  store: Store
  auth: AuthPlugin
  acts: AdministrationActs
  /** Milliseconds since 1970. */
  now(): number
  /** Where people reach the server, for links. */
  origin: string
  close(): Promise<void>
}

/** A running server notices what is done here by itself ([ADM9]); nobody listens to the bus of this process. */
export async function openOffice(config: Config): Promise<Office> {
  const secretKey = Buffer.from(config.secretKey ?? (await keepSecret(join(config.dataDirectory, 'secret.key'))))
  const store = await openStore({ database: config.database, beside: true, poolSize: 2, secretKey })
  try {
    const now = () => Date.now()
    const auth = await createAuthPlugin({ accounts: store.accounts, secretKey, clock: { now }, loginsPerMinute: 0 })
    const acts = createAdministrationActs({ store, auth, bus: createLocalBus(), now })
    return { store, auth, acts, now, origin: originOf(config), close: () => store.close() }
  } catch (error) {
    await store.close()
    throw error
  }
}

function originOf({ publicUrl, host, httpPort }: Config): string {
  if (publicUrl !== undefined) return publicUrl
  return `http://${host.includes(':') ? `[${host}]` : host}:${httpPort}`
}
