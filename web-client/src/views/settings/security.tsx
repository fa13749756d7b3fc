import { Email } from './email.tsx'
import { Password } from './password.tsx'
import { SecondFactors } from './second-factors.tsx'

/** How I prove who I am, one section for each way. */
export function Security() {
  return (
    <>
      <Password />
      <Email />
      <SecondFactors />
    </>
  )
}
