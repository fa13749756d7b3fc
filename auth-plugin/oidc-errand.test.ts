import { expect, test } from 'vitest'
import { isUserId } from '../protocol/ids.ts'
import { createOidcErrands, type Journey, type Offer, OIDC_ERRAND_SECONDS } from './oidc-errand.ts'

const NOW = 1_763_652_000_000
const errands = createOidcErrands(new Uint8Array(32).fill(1))
const journey: Journey = {
  kind: 'journey',
  checks: { state: 'a state', nonce: 'a nonce', verifier: 'a verifier' },
  redirectUri: 'https://chat.example/api/oidc/callback',
  to: '/r/design',
}
const user = 'carol'
if (!isUserId(user)) throw new Error(user)
const offer: Offer = { kind: 'offer', identity: { issuer: 'https://id.example', subject: 's-1' }, user }

test('[OIDC4] what a browser carries comes back as it was, for ten minutes', () => {
  const sealed = errands.seal(journey, NOW)
  expect(errands.open('journey', sealed, NOW)).toMatchObject(journey)
  expect(errands.open('journey', sealed, NOW + OIDC_ERRAND_SECONDS * 1000 - 1)).toMatchObject(journey)
  expect(errands.open('journey', sealed, NOW + OIDC_ERRAND_SECONDS * 1000)).toBeUndefined()
})

test('[OIDC4] it shows nothing, and nobody else can make or change one, or take one for another', () => {
  const sealed = errands.seal(journey, NOW)
  expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toMatch(/state|verifier|design/)
  expect(errands.open('offer', sealed, NOW)).toBeUndefined()
  expect(errands.open('journey', errands.seal(offer, NOW), NOW)).toBeUndefined()
  expect(createOidcErrands(new Uint8Array(32).fill(2)).open('journey', sealed, NOW)).toBeUndefined()
  for (let i = 0; i < sealed.length; i += 7) {
    const changed = `${sealed.slice(0, i)}${sealed[i] === 'A' ? 'B' : 'A'}${sealed.slice(i + 1)}`
    expect(errands.open('journey', changed, NOW), `${i}`).toBeUndefined()
  }
  for (const text of ['', 'x', '{}', sealed.slice(4)]) expect(errands.open('journey', text, NOW)).toBeUndefined()
})
