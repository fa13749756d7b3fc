import { useEffect } from 'preact/hooks'
import { lazy } from '../../ui/lazy.tsx'
import { useEntrance } from '../entrance-context.tsx'
import { SignIn } from './sign-in.tsx'
import { SignUp } from './sign-up.tsx'

const InviteGate = lazy(async () => (await import('./invite-gate.tsx')).InviteGate)
const SecondStep = lazy(async () => (await import('./second-step.tsx')).SecondStep)

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
        {secondStep.value ? (
          <SecondStep />
        ) : route.name === 'invite' ? (
          <InviteGate key={route.code} route={route} />
        ) : route.name === 'sign-up' && mayRegister ? (
          <SignUp />
        ) : (
          <SignIn />
        )}
      </main>
    </div>
  )
}
