import { useEffect, useState } from 'preact/hooks'
import type { UserId } from '../../../../protocol/ids.ts'
import { failureText } from '../../state/failure.ts'
import { isHere, nameIn } from '../../state/people.ts'
import { type Profile, peopleOf } from '../../state/people-calls.ts'
import { createResource } from '../../state/resource.ts'
import { roomPath } from '../../state/routes.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { momentName, timeIn } from '../../ui/times.ts'
import { useConstant } from '../../ui/use-constant.ts'
import { useApp } from '../app-context.tsx'
import { ResourceNote } from '../resource-note.tsx'

/** Who somebody is, and what I may do about it. */
export function ProfileCard({ user }: { user: UserId }) {
  const { client, me, person, snapshot, navigation, notices, reporting } = useApp()
  const [asking, setAsking] = useState(false)
  const people = peopleOf(client)
  const card = useConstant(() => createResource(() => people.profile(user)))
  useEffect(() => {
    void card.load()
  }, [card])
  const close = (): void => {
    person.value = undefined
  }
  const known = snapshot.value.users.get(user)
  const name = nameIn(snapshot.value.users, user)
  const isBlocked = snapshot.value.blocked.has(user)
  const profile = card.value.value

  async function attempt(work: () => Promise<unknown>, done?: string): Promise<void> {
    try {
      await work()
      if (done !== undefined) notices.show(done)
    } catch (error) {
      notices.show(failureText(error))
    }
  }
  const message = () =>
    attempt(async () => {
      navigation.go(roomPath(await client.startDirect(user)))
      close()
    })
  const block = () =>
    attempt(async () => {
      await people.block(user)
      setAsking(false)
    }, `${name} is blocked`)
  const report = (): void => {
    close()
    reporting.value = { user }
  }
  const unblock = () => attempt(() => people.unblock(user), `${name} is not blocked any more`)

  return (
    <Dialog title={name} onClose={close}>
      <div class="card">
        <div class="card-head">
          <Avatar id={user} name={name} picture={known?.avatar} presence={known?.presence} />
          <div class="row-main">
            <p>@{user}</p>
            <p class="muted small">{presenceText(known?.presence)}</p>
          </div>
        </div>
        <ResourceNote resource={card} />
        {profile && <Facts profile={profile} onLeave={close} />}
        {asking && (
          <p class="note">
            <span class="note-text">
              {name} will not be able to write to you alone, nor to see when you are here. What {name} writes in rooms
              is folded away. Nobody is told.
            </span>
          </p>
        )}
        <div class="button-row">
          {user !== me.value?.id && asking && (
            <>
              <button type="button" class="button" onClick={() => setAsking(false)}>
                Cancel
              </button>
              <button type="button" class="button button-danger" onClick={block}>
                Block {name}
              </button>
            </>
          )}
          {user !== me.value?.id && !asking && (
            <>
              <button type="button" class="button button-primary button-wide" onClick={message}>
                <Icon name="reply" />
                Message
              </button>
              {isBlocked ? (
                <button type="button" class="button" onClick={unblock}>
                  Unblock
                </button>
              ) : (
                <button type="button" class="button button-danger" onClick={() => setAsking(true)}>
                  Block
                </button>
              )}
              <button type="button" class="button" onClick={report}>
                Report
              </button>
            </>
          )}
          {!asking && (
            <button type="button" class="button" onClick={close}>
              Close
            </button>
          )}
        </div>
      </div>
    </Dialog>
  )
}

function Facts({ profile, onLeave }: { profile: Profile; onLeave: () => void }) {
  const { about, timeZone, rooms } = profile
  return (
    <>
      {about && <p dir="auto">{about}</p>}
      {timeZone && (
        <p class="muted small">
          Local time {timeIn(Date.now(), timeZone)} ({timeZone.replaceAll('_', ' ')})
        </p>
      )}
      {rooms.length > 0 && (
        <section aria-label="Rooms of both">
          <p class="label">{rooms.length === 1 ? 'One room of both' : `${rooms.length} rooms of both`}</p>
          <ul class="card-rooms">
            {rooms.map((room) => (
              <li key={room.id}>
                <a class="chip" href={roomPath(room.id)} onClick={onLeave} dir="auto">
                  {room.name}
                </a>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

function presenceText(presence: Profile['presence']): string {
  if (presence === undefined) return ''
  if (presence.state === 'offline') {
    return presence.lastSeen === undefined ? 'Not here' : `Last here ${momentName(presence.lastSeen, Date.now())}`
  }
  const state = { online: 'Online', away: 'Away', busy: 'Busy' }[presence.state]
  return isHere(presence) && presence.text ? `${state}: ${presence.text}` : state
}
