import type { CDPSession } from 'playwright-core'
import type { Visitor } from './browser.ts'

/** A device in the browser that keeps passkeys, knows its owner, and says yes by itself. */
export async function addVirtualAuthenticator({ page, context }: Visitor): Promise<CDPSession> {
  const session = await context.newCDPSession(page)
  await session.send('WebAuthn.enable')
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return session
}
