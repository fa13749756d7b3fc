import { useEffect, useRef, useState } from 'preact/hooks'
import { MAX_NAME_LENGTH } from '../../../../protocol/limits.ts'
import { createResource } from '../../state/resource.ts'
import type { PasskeyInfo, SecondFactor } from '../../state/second-factor.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { shortDate } from '../../ui/times.ts'
import { useConstant } from '../../ui/use-constant.ts'
import { useApp } from '../app-context.tsx'
import { ResourceNote } from '../resource-note.tsx'
import { SectionTitle } from '../section-title.tsx'
import { FormError, SubmitButton, useSubmit } from '../submit-form.tsx'
import { useProof } from './proof.tsx'

type Props = { factor: SecondFactor; onCodes(codes: readonly string[]): void; onChange(): void }

/** Devices and keys that sign me in, alone or after the password. */
export function PasskeysSection({ factor, onCodes, onChange }: Props) {
  const { passkeys: browser, notices } = useApp()
  const list = useConstant(() => createResource(() => factor.listPasskeys()))
  const { prove, busy, dialog } = useProof()
  const [renaming, setRenaming] = useState<PasskeyInfo | undefined>(undefined)
  const [removing, setRemoving] = useState<PasskeyInfo | undefined>(undefined)
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => void list.load(), [list])

  const changed = async (): Promise<void> => {
    onChange()
    await list.load()
  }
  const add = (event: SubmitEvent): void => {
    event.preventDefault()
    const name = String(new FormData(event.currentTarget as HTMLFormElement).get('name')).trim()
    prove(async (password) => {
      const codes = await factor.addPasskey(name, password)
      form.current?.reset()
      notices.show(`“${name}” was added`)
      if (codes) onCodes(codes)
      await changed()
    })
  }
  const remove = (passkey: PasskeyInfo): void => {
    setRemoving(undefined)
    prove(async (password) => {
      await factor.removePasskey(passkey.id, password)
      notices.show(`“${passkey.name}” was removed`)
      await changed()
    })
  }

  return (
    <section class="section" aria-labelledby="passkeys-title">
      <SectionTitle id="passkeys-title">Passkeys</SectionTitle>
      <p class="muted">
        A passkey lives on a device or a security key and signs you in without a password. Where a password is used, a
        passkey or a code is asked for after it.
      </p>
      <ResourceNote resource={list} />
      <ul class="rows">
        {list.value.value?.map((passkey) => (
          <li key={passkey.id} class="row">
            <Icon name="key" />
            <div class="row-main">
              <div class="row-title" dir="auto">
                {passkey.name}
              </div>
              <div class="row-line">
                Added {shortDate(passkey.createdAt)} ·{' '}
                {passkey.lastUsedAt === null ? 'never used' : `last used ${shortDate(passkey.lastUsedAt)}`}
              </div>
            </div>
            <button
              type="button"
              class="icon-button"
              aria-label={`Rename ${passkey.name}`}
              onClick={() => setRenaming(passkey)}
            >
              <Icon name="pencil" />
            </button>
            <button
              type="button"
              class="icon-button"
              aria-label={`Remove ${passkey.name}`}
              onClick={() => setRemoving(passkey)}
            >
              <Icon name="trash" />
            </button>
          </li>
        ))}
      </ul>
      {list.value.value?.length === 0 && <p class="muted">You have no passkeys yet.</p>}
      {browser.available ? (
        <form ref={form} class="form" onSubmit={add}>
          <Field
            label="Name of a new passkey"
            name="name"
            required
            maxLength={MAX_NAME_LENGTH}
            autocomplete="off"
            hint="How you tell it from others, such as “phone”."
          />
          <div class="button-row">
            <button type="submit" class="button" aria-disabled={busy}>
              {busy ? 'One moment…' : 'Add a passkey'}
            </button>
          </div>
        </form>
      ) : (
        <p class="muted">Passkeys can be added where this server is reached by name over https.</p>
      )}
      {dialog}
      {renaming && (
        <RenamePasskey
          passkey={renaming}
          rename={async (name) => {
            await factor.renamePasskey(renaming.id, name)
            setRenaming(undefined)
            await list.load()
          }}
          onClose={() => setRenaming(undefined)}
        />
      )}
      {removing && (
        <Dialog title={`Remove “${removing.name}”?`} onClose={() => setRemoving(undefined)}>
          <p>It will not sign you in any more. The device may go on showing it; delete it there too.</p>
          <div class="button-row">
            <button type="button" class="button" onClick={() => setRemoving(undefined)}>
              Cancel
            </button>
            <button type="button" class="button button-danger" onClick={() => remove(removing)}>
              Remove
            </button>
          </div>
        </Dialog>
      )}
    </section>
  )
}

function RenamePasskey({
  passkey,
  rename,
  onClose,
}: {
  passkey: PasskeyInfo
  rename: (name: string) => Promise<void>
  onClose: () => void
}) {
  const { failure, busy, onSubmit } = useSubmit((fields) => rename(String(fields.get('name')).trim()))
  return (
    <Dialog title="Rename the passkey" onClose={onClose}>
      <form class="form" onSubmit={onSubmit}>
        <FormError failure={failure} />
        <Field
          label="Name"
          name="name"
          required
          maxLength={MAX_NAME_LENGTH}
          autocomplete="off"
          defaultValue={passkey.name}
        />
        <SubmitButton busy={busy}>Rename</SubmitButton>
      </form>
    </Dialog>
  )
}
