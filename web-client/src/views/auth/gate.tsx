import { useEffect } from 'preact/hooks'
import { lazy } from '../../ui/lazy.tsx'
import { useEntrance } from '../entrance-context.tsx'
import { SignIn } from './sign-in.tsx'

const Forgot = lazy(async () => (await import('./forgot.tsx')).Forgot)
const Goodbye = lazy(async () => (await import('./goodbye.tsx')).Goodbye)
const InviteGate = lazy(async () => (await import('./invite-gate.tsx')).InviteGate)
const Reset = lazy(async () => (await import('./reset.tsx')).Reset)
const SecondStep = lazy(async () => (await import('./second-step.tsx')).SecondStep)

const SignUp = lazy(async () => (await import('./sign-up.tsx')).SignUp)
const Verify = lazy(async () => (await import('./verify.tsx')).Verify)

/** The door: sign in or sign up, without losing the address that was asked for. */
export function Gate() {
  const { navigation, server, secondStep } = useEntrance()
  useEffect(() => {
    document.title = 'Tidings'
    void server.load()
  }, [server])
  const route = navigation.route.value
  const mayRegister = (server.value.value?.registration ?? 'open') === 'open'
  return (
    <div class="gate scroll">
      <header class="gate-brand">
        <img src="/icon.svg" width="40" height="40" alt="" />
        Tidings
      </header>
      <main class="gate-card">
        {route.name === 'reset' ? (
          <Reset key={route.token} token={route.token} />
        ) : route.name === 'verify' ? (
          <Verify key={route.token} token={route.token} />
        ) : secondStep.value ? (
          <SecondStep />
        ) : route.name === 'invite' ? (
          <InviteGate key={route.code} route={route} />
        ) : route.name === 'goodbye' ? (
          <Goodbye />
        ) : route.name === 'forgot' ? (
          <Forgot />
        ) : route.name === 'sign-up' && mayRegister ? (
          <SignUp />
        ) : (
          <SignIn />
        )}
      </main>
    </div>
  )
}
