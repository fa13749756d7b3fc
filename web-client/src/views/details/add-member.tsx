import type { User } from '../../state/client-types.ts'
import { failureText } from '../../state/failure.ts'
import type { RoomModel } from '../../state/room-model.ts'
import { useApp } from '../app-context.tsx'
import { UserSearch } from '../user-search.tsx'

/** Finds somebody and adds him to the room. */
export function AddMember({ model }: { model: RoomModel }) {
  const { client, notices } = useApp()
  const members = new Set(model.open.value?.members?.map(({ user }) => user))
  async function add(user: User): Promise<void> {
    try {
      await client.putMember(model.room, user.id)
      notices.show(`${user.displayName} was added`)
    } catch (error) {
      notices.show(failureText(error))
    }
  }
  return (
    <UserSearch
      label="Add somebody"
      action="Add"
      onChoose={add}
      note={(user) => (members.has(user.id) ? 'Already a member' : undefined)}
      askFirst
    />
  )
}
