import { useSignal } from '@preact/signals'
import { useEffect, useId } from 'preact/hooks'
import type { RoomId } from '../../../../protocol/ids.ts'
import { failureText } from '../../state/failure.ts'
import { createResource } from '../../state/resource.ts'
import { newPath, roomPath } from '../../state/routes.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Icon } from '../../ui/icon.tsx'
import { useConstant } from '../../ui/use-constant.ts'
import { useApp } from '../app-context.tsx'
import { AskToJoin } from '../invites/ask-to-join.tsx'

const WAIT_MS = 250

/** The public rooms: to look into, or to join at once. */
export function BrowseRooms() {
  const { client, rooms, navigation, notices } = useApp()
  const id = useId()
  const query = useSignal('')
  const found = useConstant(() => createResource(() => client.browsePublicRooms(query.peek().trim())))
  const text = query.value.trim()
  useEffect(() => {
    const timer = setTimeout(found.load, text === '' ? 0 : WAIT_MS)
    return () => clearTimeout(timer)
  }, [text, found])
  async function join(room: RoomId): Promise<void> {
    try {
      await client.joinRoom(room)
      navigation.redirect(roomPath(room))
    } catch (error) {
      notices.show(failureText(error))
    }
  }

  const list = found.value.value
  const mine = new Set(rooms.value.map(({ room }) => room))
  return (
    <div class="form">
      <search class="field">
        <label for={id}>Public rooms</label>
        <div class="search">
          <Icon name="search" />
          <input
            id={id}
            class="input"
            type="search"
            autocomplete="off"
            placeholder="Name or topic"
            value={query.value}
            onInput={(event) => {
              query.value = event.currentTarget.value
            }}
          />
        </div>
      </search>
      {found.error.value !== undefined && (
        <div class="note note-error" role="alert">
          <p class="note-text">{found.error.value}</p>
          <button type="button" class="button" onClick={found.load}>
            Try again
          </button>
        </div>
      )}
      <ul class="rows" aria-label="Public rooms" aria-busy={found.loading.value}>
        {list?.map((info) => (
          <li key={info.id} class="row">
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
          </li>
        ))}
      </ul>
      {list?.length === 0 && (
        <p class="muted" role="status">
          {text === '' ? (
            <>
              There are no public rooms yet. <a href={newPath('room')}>Make the first one</a>
            </>
          ) : (
            `No public room matches “${text}”.`
          )}
        </p>
      )}
      <AskToJoin />
    </div>
  )
}
