import { computed, effect, type ReadonlySignal, signal } from '@preact/signals'
import type { Clock, ConnectionState } from '../../sdk/index.ts'

const PATIENCE_MS = 1_500

/** What to say of the connection ([S5]): nothing while all is well, and nothing in the first moments of trouble. */
export function createConnectionLine(
  connection: ReadonlySignal<ConnectionState>,
  clock: Clock,
): ReadonlySignal<string | undefined> {
  const late = signal(false)
  const well = computed(() => connection.value.kind === 'online' || connection.value.kind === 'stopped')
  let timer: unknown
  effect(() => {
    clock.clearTimeout(timer)
    if (well.value) late.value = false
    else {
      timer = clock.setTimeout(() => {
        late.value = true
      }, PATIENCE_MS)
    }
  })
  return computed(() => (late.value ? connectionText(connection.value) : undefined))
}

function connectionText(state: ConnectionState): string | undefined {
  switch (state.kind) {
    case 'offline':
      return 'Waiting for network'
    case 'connecting':
      return 'Connecting'
    case 'waiting':
      return 'Connection lost, trying again'
    case 'catching-up':
      return `Catching up (${state.rooms})`
    default:
      return undefined
  }
}
