import type { MessageState } from '../../state/client-types.ts'
import { Icon, type IconName } from '../../ui/icon.tsx'

const ICONS: Record<MessageState, IconName> = {
  queued: 'clock',
  sending: 'arrow',
  failed: 'alert',
  sent: 'tick',
  delivered: 'ticks',
  read: 'ticks',
}
const NAMES: Record<MessageState, string> = {
  queued: 'Waiting to be sent',
  sending: 'Sending',
  failed: 'Not sent',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
}

/** What a message of mine has come to, as a drawing that says its name ([R8]). */
export function StateIcon({ state, readers = 0 }: { state: MessageState; readers?: number }) {
  const label = readers > 1 ? `Read by ${readers}` : NAMES[state]
  return <Icon name={ICONS[state]} small label={label} state={state} />
}
