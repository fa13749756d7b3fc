import { useEffect, useState } from 'preact/hooks'
import { createRecovery } from '../../state/recovery.ts'
import { useEntrance } from '../entrance-context.tsx'
import { FormError, useSubmit } from '../submit-form.tsx'

/** Where a mailed link leads that proves an address, whoever is signed in here, if anybody. */
export function Verify({ token }: { token: string }) {
  const { post, session } = useEntrance()
  const [address, setAddress] = useState<string | undefined>(undefined)
  const { failure, busy, run } = useSubmit(async () => {})
  const verify = (): void => run(async () => setAddress((await createRecovery(post).verify(token)).email))
  useEffect(verify, [])
  const here = session.value.kind === 'signed-in'
  const final = failure?.code === 'invalid_link' || failure?.code === 'email_taken'
  return (
    <div class="form">
      <h1>{address === undefined ? 'Your e-mail address' : 'Address verified'}</h1>
      {busy && <p role="status">One moment…</p>}
      <FormError failure={failure} />
      {failure?.code === 'invalid_link' && <p>The settings send you another one, under Security.</p>}
      {address !== undefined && (
        <p role="status">
          <strong>{address}</strong> belongs to your account now. You can sign in with it, and a forgotten password is
          replaced with its help.
        </p>
      )}
      {failure && !final ? (
        <button type="button" class="button button-primary button-wide" onClick={verify}>
          Try again
        </button>
      ) : (
        <a class="button button-primary button-wide" href={here ? '/' : '/signin'} data-replace>
          {here ? 'To your conversations' : 'Sign in'}
        </a>
      )}
    </div>
  )
}
