/** A town whose database and secret key the test has in hand, as another process of the same installation would. */
import { openSigningKeys, type SigningKeys } from '../../auth-plugin/signing-keys.ts'
import { openTestStore, type TestStore } from '../../store/test/open-test-store.ts'
import { findFreePort } from '../start-product.ts'
import type { Original } from './forged-tokens.ts'
import { Town } from './town.ts'

const SECRET_KEY = 'a secret key that the test knows as well as the product'

export type TownWithKeys = {
  town: Town
  store: TestStore
  /** Signs and rotates as another process would. */
  keys: SigningKeys
  /** A session of a user, and the key to make its tokens with. */
  original(user: string): Promise<Original & { accessToken: string; refreshToken: string }>
  close(): Promise<void>
}

export async function openTownWithKeys(
  users: string[],
  environment: Record<string, string> = {},
): Promise<TownWithKeys> {
  const store = await openTestStore()
  // A socket has no host, but a URL must have one.
  const DATABASE_URL = store.url.replace('@/', '@localhost/')
  const HTTP_PORT = String(await findFreePort())
  const town = await Town.open({
    users,
    environment: { DATABASE_URL, SECRET_KEY, HTTP_PORT, LIMIT_REQUESTS_PER_MINUTE: '0', ...environment },
  })
  const keys = await openSigningKeys({
    store: store.accounts.signingKeys,
    secretKey: Buffer.from(environment.SECRET_KEY ?? SECRET_KEY),
    clock: { now: () => Date.now() },
  })
  return {
    town,
    store,
    keys,
    async original(user) {
      const signedIn = await town.signIn(user)
      const { id: kid, privateKey } = await keys.current()
      const [, claims = ''] = signedIn.accessToken.split('.')
      const { sid } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sid: string }
      return { ...signedIn, kid, privateKey, user, sessionId: sid }
    },
    async close() {
      await town.close()
      await store.close()
    },
  }
}
