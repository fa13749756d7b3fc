import type { HistoryRule, Role } from '../../../../protocol/events.ts'
import type { RoomPermissions, StoredSettings } from '../../../../protocol/room-settings.ts'
import type { RoomSummary } from '../../state/client-types.ts'
import { failureText } from '../../state/failure.ts'
import { mayIn } from '../../state/may.ts'
import { useApp } from '../app-context.tsx'
import { SectionTitle } from '../section-title.tsx'
import { SelectField } from './select-field.tsx'

const PERMISSIONS: readonly (readonly [keyof RoomPermissions, string])[] = [
  ['write', 'Who may write'],
  ['invite', 'Who may add and invite people'],
  ['rename', 'Who may change the name and topic'],
  ['pin', 'Who may pin messages'],
  ['deleteOthers', 'Who may delete messages of others'],
]
const WHO: readonly (readonly [Role, string])[] = [
  ['reader', 'Everybody, readers too'],
  ['member', 'Members'],
  ['admin', 'Admins and owners'],
  ['owner', 'Owners only'],
]
const SLOW: readonly (readonly [string, string])[] = [
  ['0', 'Off'],
  ['5', '5 seconds'],
  ['10', '10 seconds'],
  ['30', '30 seconds'],
  ['60', '1 minute'],
  ['300', '5 minutes'],
  ['900', '15 minutes'],
  ['3600', '1 hour'],
  ['21600', '6 hours'],
]
const HISTORY: readonly (readonly [HistoryRule, string])[] = [
  ['all', 'Everything that was said'],
  ['since_joining', 'Only what is said after they came'],
]

/** The rules of a room; each change is saved at once. */
export function RoomRules({ room }: { room: RoomSummary }) {
  const { client, notices } = useApp()
  const { settings, kind } = room
  const mayChange = mayIn(room, 'change-room')
  const mayPermit = mayIn(room, 'change-permissions')
  if (!mayChange && !mayPermit) return null

  function save(changes: StoredSettings): void {
    client.updateRoom(room.room, { settings: changes }).then(
      () => notices.show('Saved'),
      (error: unknown) => notices.show(failureText(error)),
    )
  }
  const announces = settings.permissions.write === 'admin' || settings.permissions.write === 'owner'
  const slow = String(settings.slowMode)
  const speeds = SLOW.some(([value]) => value === slow) ? SLOW : [...SLOW, [slow, `${slow} seconds`] as const]
  return (
    <section class="section" aria-labelledby="rules-title">
      <SectionTitle id="rules-title">Rules</SectionTitle>
      <div class="form">
        {mayPermit && (
          <label class="choice-option">
            <input
              type="checkbox"
              checked={announces}
              onChange={(event) => save({ permissions: { write: event.currentTarget.checked ? 'admin' : 'member' } })}
            />
            <span>
              <span class="choice-name">Announcements</span>
              <span class="choice-hint">Only admins and owners write; members read and react.</span>
            </span>
          </label>
        )}
        {mayChange && (
          <>
            <SelectField
              label="Slow mode"
              name="slowMode"
              options={speeds}
              value={slow}
              hint="How long members wait between two messages."
              onChoose={(value) => save({ slowMode: Number(value) })}
            />
            <SelectField
              label="What new members may read"
              name="history"
              options={HISTORY}
              value={settings.history}
              onChoose={(value) => save({ history: value as HistoryRule })}
            />
            {kind === 'private' && (
              <label class="choice-option">
                <input
                  type="checkbox"
                  checked={settings.joinRequests}
                  onChange={(event) => save({ joinRequests: event.currentTarget.checked })}
                />
                <span>
                  <span class="choice-name">Requests to join</span>
                  <span class="choice-hint">Who knows the address of the room may ask to be let in.</span>
                </span>
              </label>
            )}
          </>
        )}
        {mayPermit &&
          PERMISSIONS.map(([name, label]) => (
            <SelectField
              key={name}
              label={label}
              name={name}
              options={WHO}
              value={settings.permissions[name]}
              onChoose={(value) => save({ permissions: { [name]: value as Role } })}
            />
          ))}
      </div>
    </section>
  )
}
