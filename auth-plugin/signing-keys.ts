/** The Ed25519 pairs that sign access tokens: in the database, the private part encrypted ([system 12, Tokens]). */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { ACCESS_TOKEN_SECONDS, TOKEN_LEEWAY_SECONDS } from '../protocol/limits.ts'
import type { SigningKeyStore, StoredSigningKey } from './accounts-port.ts'
import { decrypt, deriveKey, encrypt, randomText } from './secrets.ts'

export interface SigningKeys {
  /** The newest key; one is made when there is none. */
  current(): Promise<{ id: string; privateKey: KeyObject }>
  /** The public key of an id, of a retired key only while its tokens can be good. `undefined` for unknown ids. */
  find(id: string): Promise<KeyObject | undefined>
  publicKeys(): Promise<Record<string, string>[]>
  rotate(): Promise<void>
  /** Reads the keys again now. */
  reload(): Promise<void>
}

type Key = { stored: StoredSigningKey; publicKey: KeyObject }

/** How long a node may go on signing with a key that another node has retired. */
const RELOAD_MS = 60_000
/** An unknown id makes a node look for new keys, but not more often than this. */
const LOOK_AGAIN_MS = 5_000
const ROTATE_AFTER_MS = 90 * 24 * 3_600_000
/** Tokens of a retired key: signed up to RELOAD_MS later, then good for their time. */
const ACCEPTED_MS = 2 * RELOAD_MS + (ACCESS_TOKEN_SECONDS + TOKEN_LEEWAY_SECONDS) * 1000

/** Loads the keys, and makes the first. Throws when the private part cannot be read with this secret key. */
export async function openSigningKeys(options: {
  store: SigningKeyStore
  secretKey: Uint8Array
  clock: { now(): number }
}): Promise<SigningKeys> {
  const { store, clock } = options
  const sealingKey = deriveKey(options.secretKey, 'signing keys')
  let keys = new Map<string, Key>()
  let loadedAt = Number.NEGATIVE_INFINITY
  let signing: { id: string; privateKey: KeyObject } | undefined
  let loading: Promise<void> | undefined

  async function addKey(): Promise<void> {
    const pair = generateKeyPairSync('ed25519')
    const id = randomText(12)
    const createdAt = clock.now()
    const { x = '' } = pair.publicKey.export({ format: 'jwk' })
    const privateText = pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
    await store.add(
      {
        id,
        publicKey: { kty: 'OKP', crv: 'Ed25519', x },
        privateKey: encrypt(sealingKey, privateText, id),
        createdAt,
        retiredAt: null,
      },
      createdAt - ACCEPTED_MS,
    )
  }

  async function load(): Promise<void> {
    let stored = await store.list()
    const newest = stored.find((key) => key.retiredAt === null)
    if (newest === undefined || clock.now() - newest.createdAt > ROTATE_AFTER_MS) {
      await addKey()
      stored = await store.list()
    }
    keys = new Map(
      stored.map((key) => [key.id, { stored: key, publicKey: createPublicKey({ key: key.publicKey, format: 'jwk' }) }]),
    )
    const current = stored.find((key) => key.retiredAt === null)
    if (current === undefined) throw new Error('there is no signing key in the database')
    if (signing?.id !== current.id) signing = { id: current.id, privateKey: unseal(current) }
    loadedAt = clock.now()
  }

  function unseal(key: StoredSigningKey): KeyObject {
    try {
      return createPrivateKey(decrypt(sealingKey, key.privateKey, key.id))
    } catch (cause) {
      throw new Error('SECRET_KEY is not the one that the signing keys in the database were encrypted with', { cause })
    }
  }

  async function loadWhenOlder(ms: number): Promise<void> {
    if (clock.now() - loadedAt <= ms) return
    loading ??= load().finally(() => {
      loading = undefined
    })
    await loading
  }

  async function reload(): Promise<void> {
    await loading // which may have read before the change
    loadedAt = Number.NEGATIVE_INFINITY
    await loadWhenOlder(0)
  }

  const isAccepted = (key: Key): boolean =>
    key.stored.retiredAt === null || clock.now() - key.stored.retiredAt <= ACCEPTED_MS

  await loadWhenOlder(0)

  return {
    async current() {
      await loadWhenOlder(RELOAD_MS)
      if (signing === undefined) throw new Error('the signing keys are not loaded')
      return signing
    },
    async find(id) {
      if (!keys.has(id)) await loadWhenOlder(LOOK_AGAIN_MS)
      const key = keys.get(id)
      return key !== undefined && isAccepted(key) ? key.publicKey : undefined
    },
    async publicKeys() {
      await loadWhenOlder(RELOAD_MS)
      return [...keys.values()].filter(isAccepted).map((key) => {
        return { ...key.stored.publicKey, kid: key.stored.id, alg: 'EdDSA', use: 'sig' }
      })
    },
    async rotate() {
      await addKey()
      await reload()
    },
    reload,
  }
}
