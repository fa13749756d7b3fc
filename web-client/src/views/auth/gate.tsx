import { useApp } from '../app-context.tsx'
import { SignIn } from './sign-in.tsx'
import { SignUp } from './sign-up.tsx'

/** The door: sign in or sign up, without losing the address that was asked for. */
export function Gate() {
  const { navigation } = useApp()
  return (
    <div class="gate scroll">
      <header class="gate-brand">
        <img src="/icon.svg" width="40" height="40" alt="" />
        Tidings
      </header>
      <main class="gate-card">{navigation.route.value.name === 'sign-up' ? <SignUp /> : <SignIn />}</main>
    </div>
  )
}
