/** An authenticator in software, as a browser would speak to one: what tests sign passkeys with. */
import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { encode } from 'cborg'

type Asked = { challenge: string }
type AskedToCreate = Asked & { rp: { id?: string }; user: { id: string } }
type Signing = {
  /** Whether it made sure who uses it. */
  verified?: boolean
  counter?: number
  origin?: string
  rpId?: string
}

const sha256 = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest()
const base64Url = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64url')

export function createSoftwareAuthenticator(origin: string) {
  let privateKey: KeyObject | undefined
  let userHandle = ''
  const id = randomBytes(32)

  const clientData = (type: 'webauthn.create' | 'webauthn.get', { challenge }: Asked, from: string): Buffer =>
    Buffer.from(JSON.stringify({ type, challenge, origin: from, crossOrigin: false }))

  function authenticatorData(rpId: string, { verified = true, counter = 0 }: Signing, credential?: Buffer): Buffer {
    const flags = 0x01 | (verified ? 0x04 : 0) | (credential ? 0x40 : 0)
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter)
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), count, credential ?? Buffer.alloc(0)])
  }

  return {
    /** Answers `navigator.credentials.create`; a new key each time, under the same credential id. */
    create(asked: AskedToCreate, signing: Signing = {}) {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const { x = '', y = '' } = pair.publicKey.export({ format: 'jwk' })
      privateKey = pair.privateKey
      userHandle = asked.user.id
      const cose = new Map<number, number | Uint8Array>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, Buffer.from(x, 'base64url')],
        [-3, Buffer.from(y, 'base64url')],
      ])
      const length = Buffer.alloc(2)
      length.writeUInt16BE(id.length)
      const credential = Buffer.concat([Buffer.alloc(16), length, id, encode(cose)])
      const authData = authenticatorData(signing.rpId ?? asked.rp.id ?? '', signing, credential)
      return {
        id: base64Url(id),
        rawId: base64Url(id),
        type: 'public-key',
        response: {
          clientDataJSON: base64Url(clientData('webauthn.create', asked, signing.origin ?? origin)),
          attestationObject: base64Url(encode({ fmt: 'none', attStmt: {}, authData })),
          transports: ['internal', 'from-the-future'],
        },
        clientExtensionResults: {},
      }
    },

    /** Answers `navigator.credentials.get`. */
    sign(asked: Asked & { rpId?: string }, signing: Signing = {}) {
      if (privateKey === undefined) throw new Error('no passkey was made')
      const data = clientData('webauthn.get', asked, signing.origin ?? origin)
      const authData = authenticatorData(signing.rpId ?? asked.rpId ?? '', signing)
      const signature = createSign('SHA256').update(authData).update(sha256(data)).sign(privateKey)
      return {
        id: base64Url(id),
        rawId: base64Url(id),
        type: 'public-key',
        response: {
          clientDataJSON: base64Url(data),
          authenticatorData: base64Url(authData),
          signature: base64Url(signature),
          userHandle,
        },
        clientExtensionResults: {},
      }
    },
  }
}
