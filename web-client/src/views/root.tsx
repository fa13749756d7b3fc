import { useSignalEffect } from '@preact/signals'
import { useApp } from './app-context.tsx'
import { Gate } from './auth/gate.tsx'
import { Shell } from './shell.tsx'
import { Toast } from './toast.tsx'

/** What is on screen: the forms of somebody unknown, or the app. */
export function Root() {
  const { session, title, appearance, announcer } = useApp()
  useSignalEffect(() => {
    document.title = title.value
  })
  useSignalEffect(() => {
    const theme = appearance.theme.value
    if (theme === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = theme
  })
  const { kind } = session.value
  return (
    <>
      {kind === 'signed-in' && <Shell />}
      {(kind === 'signed-out' || kind === 'signing-in') && <Gate />}
      <Toast />
      <div class="visually-hidden" role="status" aria-live="polite">
        {announcer.text.value}
      </div>
    </>
  )
}
