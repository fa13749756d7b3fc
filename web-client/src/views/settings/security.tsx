import { Password } from './password.tsx'

/** How I prove who I am, one section for each way. */
export function Security() {
  return <Password />
}
