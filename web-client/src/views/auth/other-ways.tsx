import type { Route } from '../../state/routes.ts'
import { useEntrance } from '../entrance-context.tsx'
import { Forgot } from './forgot.tsx'
import { Goodbye } from './goodbye.tsx'
import { InviteGate } from './invite-gate.tsx'
import { Reset } from './reset.tsx'
import { SecondStep } from './second-step.tsx'
import { SignIn } from './sign-in.tsx'
import { SignUp } from './sign-up.tsx'
import { Verify } from './verify.tsx'

/** Everything at the door but the first form, which most people need nothing else than. */
export function OtherWays({ route }: { route: Route }) {
  const { server, secondStep } = useEntrance()
  if (route.name === 'reset') return <Reset key={route.token} token={route.token} />
  if (route.name === 'verify') return <Verify key={route.token} token={route.token} />
  if (secondStep.value) return <SecondStep />
  if (route.name === 'invite') return <InviteGate key={route.code} route={route} />
  if (route.name === 'goodbye') return <Goodbye />
  if (route.name === 'forgot') return <Forgot />
  return (server.value.value?.registration ?? 'open') === 'open' ? <SignUp /> : <SignIn />
}
