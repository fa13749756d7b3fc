import { useEffect } from 'preact/hooks'
import type { RoomSummary } from '../../state/client-types.ts'
import { failureText } from '../../state/failure.ts'
import { type Ban, moderationOf } from '../../state/moderation-calls.ts'
import { nameIn } from '../../state/people.ts'
import { createResource } from '../../state/resource.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { momentName } from '../../ui/times.ts'
import { useConstant } from '../../ui/use-constant.ts'
import { useApp } from '../app-context.tsx'
import { ResourceNote } from '../resource-note.tsx'
import { SectionTitle } from '../section-title.tsx'

/** Who may not come in, for those who may change that. */
export function BannedList({ room }: { room: RoomSummary }) {
  const { client, notices, snapshot } = useApp()
  const calls = useConstant(() => moderationOf(client, room.room))
  const bans = useConstant(() => createResource(calls.bans))
  useEffect(() => {
    // Also when something has happened: a ban is an event of the log.
    bans.load()
  }, [bans, room.head])

  async function lift({ user, displayName }: Ban): Promise<void> {
    try {
      await calls.unban(user)
      notices.show(`${displayName} may come back`)
      await bans.load()
    } catch (error) {
      notices.show(failureText(error))
    }
  }

  const list = bans.value.value
  return (
    <section class="section" aria-labelledby="bans-title">
      <SectionTitle id="bans-title">Banned</SectionTitle>
      {!list && <ResourceNote resource={bans} />}
      {list?.length === 0 && <p class="muted">Nobody is banned from this room.</p>}
      <ul class="rows">
        {list?.map((ban) => (
          <li key={ban.user} class="row">
            <Avatar id={ban.user} name={ban.displayName} />
            <div class="row-main">
              <div class="row-title" dir="auto">
                {ban.displayName}
              </div>
              <div class="row-line">
                {ban.until === undefined ? 'Without end' : `Until ${momentName(ban.until, Date.now())}`}, by{' '}
                {nameIn(snapshot.value.users, ban.by)}
                {ban.reason !== undefined && `: ${ban.reason}`}
              </div>
            </div>
            <button type="button" class="button" onClick={() => lift(ban)}>
              Lift<span class="visually-hidden"> the ban of {ban.displayName}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
