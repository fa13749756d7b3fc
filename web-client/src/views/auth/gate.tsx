import { useEffect } from 'preact/hooks'
import type { Route } from '../../state/routes.ts'
import { lazy } from '../../ui/lazy.tsx'
import { useEntrance } from '../entrance-context.tsx'
import { SignIn } from './sign-in.tsx'

const OtherWays = lazy(async () => (await import('./other-ways.tsx')).OtherWays)
const OTHERS: readonly string[] = [
  'forgot',
  'goodbye',
  'invite',
  'reset',
  'sign-up',
  'verify',
] satisfies Route['name'][]

/** The door: sign in or sign up, without losing the address that was asked for. */
export function Gate() {
  const { navigation, server, secondStep } = useEntrance()
  useEffect(() => {
    document.title = 'Tidings'
    void server.load()
  }, [server])
  const route = navigation.route.value
  return (
    <div class="gate scroll">
      <header class="gate-brand">
        <img src="/icon.svg" width="40" height="40" alt="" />
        Tidings
      </header>
      <main class="gate-card">
        {secondStep.value || OTHERS.includes(route.name) ? <OtherWays route={route} /> : <SignIn />}
      </main>
    </div>
  )
}
