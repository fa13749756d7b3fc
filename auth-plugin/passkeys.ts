/**
 * Passkeys (WebAuthn): what a browser is asked to sign, and whether what it signed is right. Challenges are random
 * and signed by us, for one purpose and person and five minutes; nothing is kept of them until they are spent.
 */
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server'
import type { UserId } from '../protocol/ids.ts'
import { deriveKey, randomText, sameText, tag } from './secrets.ts'

/** What a browser answers that was asked to sign. */
export type SignedAnswer = Omit<AuthenticationResponseJSON, 'response'> & {
  response: Omit<AuthenticationResponseJSON['response'], 'userHandle'> & { userHandle?: string | undefined }
}
export type CreatedAnswer = RegistrationResponseJSON
export type CreationOptions = PublicKeyCredentialCreationOptionsJSON
export type RequestOptions = PublicKeyCredentialRequestOptionsJSON

/** What is kept of a passkey; `id` and `publicKey` in base64url. */
export type StoredPasskey = { id: string; user: UserId; publicKey: string; counter: number; transports: string[] }
/** What makes a signature good once: to be spent when it is taken. Times in milliseconds since 1970. */
export type Proof = { id: string; expiresAt: number }

/** `origin`: where the page of this server is that asks, such as `https://chat.example.org`; its host is the RP id. */
export interface Passkeys {
  askToCreate(
    user: { id: UserId; displayName: string },
    origin: string,
    known: readonly StoredPasskey[],
    at: number,
  ): Promise<CreationOptions>
  /** `undefined` when it is not an answer to what this user was asked here. */
  checkCreated(
    user: UserId,
    origin: string,
    answer: CreatedAnswer,
    at: number,
  ): Promise<{ passkey: StoredPasskey; proof: Proof } | undefined>
  /** `user`: whose second factor it is to be; absent: a sign-in of its own, where the authenticator says who it is. */
  askToSign(
    origin: string,
    at: number,
    user?: { id: UserId; passkeys: readonly StoredPasskey[] },
  ): Promise<RequestOptions>
  /**
   * `undefined` when the signature is not that of this passkey, or not an answer to what was asked here for this
   * purpose, or, where it stands alone, the authenticator has not made sure who uses it.
   */
  checkSigned(
    as: 'second-factor' | 'sign-in',
    origin: string,
    answer: SignedAnswer,
    passkey: StoredPasskey,
    at: number,
  ): Promise<{ counter: number; proof: Proof } | undefined>
}

type Purpose = 'create' | 'second-factor' | 'sign-in'

const GOOD_FOR_MS = 5 * 60_000

/** It brings decoders of certificates with it: loaded when somebody has to do with a passkey. */
const loadWebAuthn = () => import('@simplewebauthn/server')
const fromBase64Url = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'))

export function createPasskeys(secretKey: Uint8Array): Passkeys {
  const challengeKey = deriveKey(secretKey, 'passkey challenges')
  const handleKey = deriveKey(secretKey, 'passkey user handles')
  /** By which an authenticator knows a user: the same for all of his passkeys, and it names nobody. */
  const handleOf = (user: UserId): string => tag(handleKey, user)

  function newChallenge(purpose: Purpose, user: UserId | '', at: number): Uint8Array<ArrayBuffer> {
    const body = `${randomText(16)}.${at + GOOD_FOR_MS}`
    return new Uint8Array(Buffer.from(`${body}.${tag(challengeKey, `${purpose} ${user} ${body}`)}`))
  }

  function readChallenge(challenge: string, purpose: Purpose, user: UserId | '', at: number): Proof | undefined {
    const [id = '', expires = '', mark = ''] = Buffer.from(challenge, 'base64url').toString().split('.')
    const expiresAt = Number(expires)
    if (!(at < expiresAt)) return undefined
    return sameText(mark, tag(challengeKey, `${purpose} ${user} ${id}.${expires}`)) ? { id, expiresAt } : undefined
  }

  /** Runs a check of the library with our own look at the challenge; what it refuses, it throws. */
  async function check<Result>(
    look: (challenge: string) => Proof | undefined,
    verify: (expectedChallenge: (challenge: string) => boolean) => Promise<Result>,
  ): Promise<{ result: Result; proof: Proof } | undefined> {
    let proof: Proof | undefined
    try {
      const result = await verify((challenge) => {
        proof = look(challenge)
        return proof !== undefined
      })
      return proof && { result, proof }
    } catch {
      // Whatever it says, it is about what a stranger sent: to him it is a no like any other.
      return undefined
    }
  }

  const describe = ({ id, transports }: StoredPasskey) => ({ id, transports })

  return {
    async askToCreate(user, origin, known, at) {
      const { generateRegistrationOptions } = await loadWebAuthn()
      return generateRegistrationOptions({
        rpName: 'Tidings',
        rpID: new URL(origin).hostname,
        userName: user.id,
        userDisplayName: user.displayName,
        userID: fromBase64Url(handleOf(user.id)),
        challenge: newChallenge('create', user.id, at),
        timeout: GOOD_FOR_MS,
        excludeCredentials: known.map(describe),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
      })
    },

    async checkCreated(user, origin, response, at) {
      const { verifyRegistrationResponse } = await loadWebAuthn()
      const checked = await check(
        (challenge) => readChallenge(challenge, 'create', user, at),
        (expectedChallenge) =>
          verifyRegistrationResponse({
            response,
            expectedChallenge,
            expectedOrigin: origin,
            expectedRPID: new URL(origin).hostname,
            requireUserVerification: false,
          }),
      )
      const info = checked?.result.registrationInfo
      if (checked === undefined || info === undefined) return undefined
      const { id, publicKey, counter, transports = [] } = info.credential
      const passkey = { id, user, publicKey: Buffer.from(publicKey).toString('base64url'), counter, transports }
      return { passkey, proof: checked.proof }
    },

    async askToSign(origin, at, user) {
      const { generateAuthenticationOptions } = await loadWebAuthn()
      return generateAuthenticationOptions({
        rpID: new URL(origin).hostname,
        challenge: newChallenge(user === undefined ? 'sign-in' : 'second-factor', user?.id ?? '', at),
        timeout: GOOD_FOR_MS,
        userVerification: user === undefined ? 'required' : 'preferred',
        ...(user !== undefined && { allowCredentials: user.passkeys.map(describe) }),
      })
    },

    async checkSigned(as, origin, answer, passkey, at) {
      const alone = as === 'sign-in'
      const { userHandle, ...signed } = answer.response
      const response = { ...answer, response: { ...signed, ...(userHandle !== undefined && { userHandle }) } }
      // Who signs in without having said a name is whom the authenticator names.
      if (alone && userHandle !== handleOf(passkey.user)) return undefined
      const { verifyAuthenticationResponse } = await loadWebAuthn()
      const checked = await check(
        (challenge) => readChallenge(challenge, as, alone ? '' : passkey.user, at),
        (expectedChallenge) =>
          verifyAuthenticationResponse({
            response,
            expectedChallenge,
            expectedOrigin: origin,
            expectedRPID: new URL(origin).hostname,
            requireUserVerification: alone,
            credential: { id: passkey.id, publicKey: fromBase64Url(passkey.publicKey), counter: passkey.counter },
          }),
      )
      if (checked === undefined || !checked.result.verified) return undefined
      return { counter: checked.result.authenticationInfo.newCounter, proof: checked.proof }
    },
  }
}
