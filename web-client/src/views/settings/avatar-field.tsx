import { useId, useState } from 'preact/hooks'
import { ChatError } from '../../../../protocol/errors.ts'
import type { User } from '../../state/client-types.ts'
import { failureText } from '../../state/failure.ts'
import { peopleOf } from '../../state/people-calls.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { FieldNotes } from '../../ui/field.tsx'
import { shrinkPicture } from '../../ui/shrink-picture.ts'
import { useApp } from '../app-context.tsx'
import { SectionTitle } from '../section-title.tsx'

/** My name and my picture; a new picture is made small here and sent at once. */
export function AvatarField({ user }: { user: User }) {
  const { client, notices, snapshot } = useApp()
  const id = useId()
  const [failure, setFailure] = useState<string | undefined>(undefined)
  const people = peopleOf(client)
  const picture = snapshot.value.users.get(user.id)?.avatar

  async function attempt(work: () => Promise<void>, done: string): Promise<void> {
    setFailure(undefined)
    try {
      await work()
      notices.show(done)
    } catch (error) {
      setFailure(error instanceof ChatError ? failureText(error) : 'This browser cannot read that picture.')
    }
  }
  function choose(input: HTMLInputElement): void {
    const file = input.files?.[0]
    input.value = ''
    if (file) void attempt(async () => people.setAvatar(await shrinkPicture(file)), 'Your picture is changed')
  }

  return (
    <section class="section" aria-labelledby="name-title">
      <div class="row">
        <Avatar id={user.id} name={user.displayName} picture={picture} />
        <div class="row-main">
          <SectionTitle id="name-title" class="row-title">
            {user.displayName}
          </SectionTitle>
          <div class="row-line">@{user.id}</div>
        </div>
      </div>
      <div class="button-row">
        <label class="button file-button" for={id}>
          {picture === undefined ? 'Choose a picture' : 'Choose another picture'}
          <input
            id={id}
            type="file"
            accept="image/png,image/jpeg,image/webp,image/avif,image/gif"
            aria-describedby={failure === undefined ? undefined : `${id}-error`}
            onChange={(event) => choose(event.currentTarget)}
          />
        </label>
        {picture !== undefined && (
          <button
            type="button"
            class="button"
            onClick={() => attempt(() => people.removeAvatar(), 'Your picture is gone')}
          >
            Remove picture
          </button>
        )}
      </div>
      <div role="alert">
        <FieldNotes id={id} hint={undefined} error={failure} />
      </div>
    </section>
  )
}
