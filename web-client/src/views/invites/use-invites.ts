import { createInvites, type Invites } from '../../state/invites.ts'
import { useConstant } from '../../ui/use-constant.ts'
import { useApp } from '../app-context.tsx'

/** Every act about invitations. */
export function useInvites(): Invites {
  const { client } = useApp()
  return useConstant(() => createInvites(client))
}
