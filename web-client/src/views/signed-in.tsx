import { useSignalEffect } from '@preact/signals'
import { useApp } from './app-context.tsx'
import { Shell } from './shell.tsx'
import { Toast } from './toast.tsx'

/** The app of somebody who is signed in. */
export function SignedIn() {
  const { me, title, announcer } = useApp()
  useSignalEffect(() => {
    document.title = title.value
  })
  return (
    <>
      {me.value && <Shell />}
      <Toast />
      <div class="visually-hidden" role="status" aria-live="polite">
        {announcer.text.value}
      </div>
    </>
  )
}
