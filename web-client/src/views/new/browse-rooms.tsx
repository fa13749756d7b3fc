import type { RoomId } from '../../../../protocol/ids.ts'
import { failureText } from '../../state/failure.ts'
import { newPath, roomPath } from '../../state/routes.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { useApp } from '../app-context.tsx'
import { AskToJoin } from '../invites/ask-to-join.tsx'
import { SearchList } from '../search-list.tsx'

/** The public rooms: to look into, or to join at once. */
export function BrowseRooms() {
  const { client, rooms, navigation, notices } = useApp()
  async function join(room: RoomId): Promise<void> {
    try {
      await client.joinRoom(room)
      navigation.redirect(roomPath(room))
    } catch (error) {
      notices.show(failureText(error))
    }
  }

  const mine = new Set(rooms.value.map(({ room }) => room))
  return (
    <div class="form">
      <SearchList
        label="Public rooms"
        placeholder="Name or topic"
        name="Public rooms"
        ask={(text) => client.browsePublicRooms(text)}
        keyOf={({ id }) => id}
        none={(text) =>
          text === '' ? (
            <>
              There are no public rooms yet. <a href={newPath('room')}>Make the first one</a>
            </>
          ) : (
            `No public room matches “${text}”.`
          )
        }
        show={(info) => (
          <>
            <Avatar id={info.id} name={info.name} shape="room" />
            <div class="row-main">
              <a class="row-title" href={roomPath(info.id)} dir="auto">
                {info.name}
              </a>
              <div class="row-line" dir="auto">
                {info.members === 1 ? '1 member' : `${info.members} members`}
                {info.topicLine && ` · ${info.topicLine}`}
              </div>
            </div>
            {mine.has(info.id) ? (
              <span class="tag">Joined</span>
            ) : (
              <button type="button" class="button" onClick={() => join(info.id)}>
                Join<span class="visually-hidden"> {info.name}</span>
              </button>
            )}
          </>
        )}
      />
      <AskToJoin />
    </div>
  )
}
