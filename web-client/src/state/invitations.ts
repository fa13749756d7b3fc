import { computed, effect, type ReadonlySignal, signal } from '@preact/signals'
import type { Invitation } from '../../../protocol/http/invites.ts'
import type { ChatClient, Snapshot } from './client-types.ts'
import type { Navigation } from './navigation.ts'
import type { Notices } from './notices.ts'
import { nameIn } from './people.ts'
import { detailsPath } from './routes.ts'

/** The rooms that I am invited to, kept current. */
export interface Invitations {
  readonly list: ReadonlySignal<readonly Invitation[]>
  /** Grows when somebody asks to be let into a room of mine. */
  readonly newRequests: ReadonlySignal<number>
  load(): Promise<void>
}

type Deps = { client: ChatClient; snapshot: ReadonlySignal<Snapshot>; notices: Notices; navigation: Navigation }

export function createInvitations({ client, snapshot, notices, navigation }: Deps): Invitations {
  const list = signal<readonly Invitation[]>([])
  const newRequests = signal(0)

  async function load(): Promise<void> {
    // Without an answer the list stays as it was; it is asked for again after the next reconnect.
    const answer = await client.call<{ invitations: Invitation[] }>('GET', '/me/invitations').catch(() => undefined)
    if (answer) list.value = answer.invitations
  }

  /** Whose list it is, while there is somebody to ask. */
  const reader = computed(() => {
    const { session, connection } = snapshot.value
    return session.kind === 'signed-in' && connection.kind === 'online' ? session.user.id : undefined
  })
  const signedIn = computed(() => snapshot.value.session.kind === 'signed-in')
  effect(() => {
    if (reader.value !== undefined) void load()
  })
  effect(() => {
    if (!signedIn.value) list.value = []
  })
  client.onNotice((notice) => {
    switch (notice.type) {
      case 'invited':
      case 'uninvited':
      case 'added':
        void load()
        break
      case 'join-request': {
        newRequests.value++
        const { rooms, users } = snapshot.peek()
        const room = rooms.find((one) => one.room === notice.room)
        notices.show(`${nameIn(users, notice.user)} asks to join ${room?.name ?? 'a room'}`, {
          name: 'Show',
          run: () => navigation.go(detailsPath(notice.room)),
        })
      }
    }
  })
  return { list, newRequests, load }
}
