import type { User } from '../../state/client-types.ts'
import { failureText } from '../../state/failure.ts'
import { peopleOf } from '../../state/people-calls.ts'
import { roomPath } from '../../state/routes.ts'
import { useApp } from '../app-context.tsx'
import { UserSearch } from '../user-search.tsx'

/** Finds somebody to write to. */
export function StartDirect() {
  const { client, navigation, notices } = useApp()
  async function start(user: User): Promise<void> {
    try {
      navigation.redirect(roomPath(await client.startDirect(user.id)))
    } catch (error) {
      notices.show(failureText(error))
    }
  }
  return (
    <UserSearch label="Find somebody" action="Message" onChoose={start} known={() => peopleOf(client).contacts()} />
  )
}
