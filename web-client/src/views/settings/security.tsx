import { Email } from './email.tsx'
import { PasswordAndIdentities } from './identities.tsx'
import { SecondFactors } from './second-factors.tsx'

/** How I prove who I am, one section for each way. */
export function Security() {
  return (
    <>
      <PasswordAndIdentities />
      <Email />
      <SecondFactors />
    </>
  )
}
