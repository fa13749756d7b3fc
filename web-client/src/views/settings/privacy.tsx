import { useEffect, useId } from 'preact/hooks'
import type { Audience } from '../../../../protocol/privacy.ts'
import { failureText } from '../../state/failure.ts'
import { peopleOf, type Privacy as Settings } from '../../state/people-calls.ts'
import { createResource } from '../../state/resource.ts'
import { useConstant } from '../../ui/use-constant.ts'
import { useApp } from '../app-context.tsx'
import { ResourceNote } from '../resource-note.tsx'
import { SectionTitle } from '../section-title.tsx'
import { Blocked } from './blocked.tsx'

const AUDIENCES: readonly { audience: Audience; name: string }[] = [
  { audience: 'everyone', name: 'Everybody' },
  { audience: 'contacts', name: 'Your contacts' },
  { audience: 'nobody', name: 'Nobody' },
]
const CHOICES: readonly { field: 'direct' | 'presence' | 'lastSeen'; label: string; hint: string }[] = [
  {
    field: 'direct',
    label: 'Who may write to you first',
    hint: 'Or add you to a room. Conversations that exist go on.',
  },
  {
    field: 'presence',
    label: 'Who sees whether you are here',
    hint: 'And your status. Everybody else sees you as offline.',
  },
  { field: 'lastSeen', label: 'Who sees when you were last here', hint: 'Of those who see whether you are here.' },
]
const SWITCHES: readonly { field: 'readMarks' | 'typing'; label: string; hint: string }[] = [
  {
    field: 'readMarks',
    label: 'Show what you have read',
    hint: 'Works both ways: if you hide it, you do not see it of others.',
  },
  { field: 'typing', label: 'Show when you are typing', hint: 'To those who see whether you are here.' },
]

/** Who may know of me and reach me; every choice applies at once. */
export function Privacy() {
  const { client, notices } = useApp()
  const people = peopleOf(client)
  const settings = useConstant(() => createResource(() => people.privacy()))
  useEffect(() => {
    void settings.load()
  }, [settings])
  const current = settings.value.value

  function change(changes: Partial<Settings>): void {
    people
      .changePrivacy(changes)
      .then(() => notices.show('Saved'))
      .catch((error: unknown) => notices.show(failureText(error)))
      .finally(settings.load)
  }

  return (
    <>
      <section class="section" aria-labelledby="privacy-title">
        <SectionTitle id="privacy-title">Privacy</SectionTitle>
        <ResourceNote resource={settings} />
        {current && (
          <>
            {CHOICES.map(({ field, ...texts }) => (
              <AudienceField
                key={field}
                {...texts}
                value={current[field]}
                onChange={(audience) => change({ [field]: audience })}
              />
            ))}
            <p class="muted small">Contacts are those with whom you share a private room or a conversation.</p>
            <fieldset class="choice">
              <legend class="visually-hidden">What others see</legend>
              {SWITCHES.map(({ field, label, hint }) => (
                <label key={field} class="choice-option">
                  <input
                    type="checkbox"
                    checked={current[field]}
                    onChange={(event) => change({ [field]: event.currentTarget.checked })}
                  />
                  <span>
                    <span class="choice-name">{label}</span>
                    <span class="choice-hint">{hint}</span>
                  </span>
                </label>
              ))}
            </fieldset>
          </>
        )}
      </section>
      <Blocked />
    </>
  )
}

function AudienceField({
  label,
  hint,
  value,
  onChange,
}: {
  label: string
  hint: string
  value: Audience
  onChange: (audience: Audience) => void
}) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        class="input"
        value={value}
        aria-describedby={`${id}-hint`}
        onChange={(event) => onChange(event.currentTarget.value as Audience)}
      >
        {AUDIENCES.map(({ audience, name }) => (
          <option key={audience} value={audience}>
            {name}
          </option>
        ))}
      </select>
      <p id={`${id}-hint`} class="field-hint">
        {hint}
      </p>
    </div>
  )
}
