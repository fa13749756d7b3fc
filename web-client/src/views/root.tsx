import { useSignalEffect } from '@preact/signals'
import type { ComponentType } from 'preact'
import type { Route } from '../state/routes.ts'
import { Gate } from './auth/gate.tsx'
import { useEntrance } from './entrance-context.tsx'

/** What is on screen: the forms of somebody unknown, or the app. */
export function Root({ app: App }: { app: ComponentType }) {
  const { session, appearance, navigation } = useEntrance()
  useSignalEffect(() => {
    const theme = appearance.theme.value
    if (theme === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = theme
  })
  switch (session.value.kind) {
    case 'starting':
      return null
    case 'signed-in':
      return isMailedLink(navigation.route.value) ? <Gate /> : <App />
    case 'signed-out':
    case 'signing-in':
      return <Gate />
  }
}

/** What is done there has nothing to do with who is signed in. */
const isMailedLink = ({ name }: Route): boolean => name === 'reset' || name === 'verify'
