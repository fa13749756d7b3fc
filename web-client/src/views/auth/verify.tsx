import { useEffect } from 'preact/hooks'
import { createRecovery } from '../../state/recovery.ts'
import { createResource } from '../../state/resource.ts'
import { useConstant } from '../../ui/use-constant.ts'
import { useEntrance } from '../entrance-context.tsx'
import { ResourceNote } from '../resource-note.tsx'

/** Where a mailed link leads that proves an address, whoever is signed in here, if anybody. */
export function Verify({ token }: { token: string }) {
  const { post, session } = useEntrance()
  const verified = useConstant(() => createResource(() => createRecovery(post).verify(token)))
  useEffect(() => void verified.load(), [verified])
  const address = verified.value.value?.email
  const here = session.value.kind === 'signed-in'
  return (
    <div class="form">
      <h1>{address === undefined ? 'Your e-mail address' : 'Address verified'}</h1>
      <ResourceNote resource={verified} />
      {address !== undefined && (
        <p role="status">
          <strong>{address}</strong> belongs to your account now. You can sign in with it, and a forgotten password is
          replaced with its help.
        </p>
      )}
      <a class="button button-primary button-wide" href={here ? '/' : '/signin'} data-replace>
        {here ? 'To your conversations' : 'Sign in'}
      </a>
    </div>
  )
}
