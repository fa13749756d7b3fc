import { useEffect } from 'preact/hooks'
import type { UserId } from '../../../../protocol/ids.ts'
import { failureText } from '../../state/failure.ts'
import { peopleOf } from '../../state/people-calls.ts'
import { createResource } from '../../state/resource.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { shortDate } from '../../ui/times.ts'
import { useConstant } from '../../ui/use-constant.ts'
import { useApp } from '../app-context.tsx'
import { ResourceNote } from '../resource-note.tsx'
import { SectionTitle } from '../section-title.tsx'

/** Whom I do not want to hear. */
export function Blocked() {
  const { client, notices, snapshot } = useApp()
  const people = peopleOf(client)
  const blocks = useConstant(() => createResource(() => people.blocks()))
  const count = snapshot.value.blocked.size
  useEffect(() => {
    void blocks.load()
  }, [blocks, count])
  const list = blocks.value.value

  function unblock(user: UserId, name: string): void {
    people.unblock(user).then(
      () => notices.show(`${name} is not blocked any more`),
      (error: unknown) => notices.show(failureText(error)),
    )
  }

  return (
    <section class="section" aria-labelledby="blocked-title">
      <SectionTitle id="blocked-title">Blocked people</SectionTitle>
      <p class="muted small">
        They cannot write to you alone or see when you are here, and are not told. To block somebody, open the profile
        with a click on the name.
      </p>
      <ResourceNote resource={blocks} />
      {list?.length === 0 && <p class="muted">You have blocked nobody.</p>}
      {list && list.length > 0 && (
        <ul class="rows" aria-label="Blocked people">
          {list.map(({ user, displayName, avatar, at }) => (
            <li key={user} class="row">
              <Avatar id={user} name={displayName} picture={avatar} />
              <div class="row-main">
                <div class="row-title" dir="auto">
                  {displayName}
                </div>
                <div class="row-line">
                  @{user} · since {shortDate(at)}
                </div>
              </div>
              <button type="button" class="button" onClick={() => unblock(user, displayName)}>
                Unblock<span class="visually-hidden"> {displayName}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
