import { type ReadonlySignal, signal } from '@preact/signals'
import type { Door, RegisterInput, ServerInfo, SessionState, SignInInput } from '../../sdk/door.ts'
import { type Appearance, createAppearance } from './appearance.ts'
import type { KeyValue } from './key-value.ts'
import { type AddressBar, createNavigation, type Navigation } from './navigation.ts'
import { createResource, type Resource } from './resource.ts'

/** Everything that the screens before the sign-in know; the app goes on with the same. */
export interface Entrance {
  readonly session: ReadonlySignal<SessionState>
  readonly server: Resource<ServerInfo>
  readonly navigation: Navigation
  readonly appearance: Appearance
  /** Both reject with ChatError. */
  register(input: RegisterInput): Promise<void>
  signIn(input: SignInInput): Promise<void>
}

export type EntranceDeps = { door: Door; addressBar: AddressBar; storage: KeyValue }

export function createEntrance({ door, addressBar, storage }: EntranceDeps): Entrance {
  const session = signal(door.session.state())
  door.session.subscribe(() => {
    session.value = door.session.state()
  })
  return {
    session,
    server: createResource(door.describeServer),
    navigation: createNavigation(addressBar),
    appearance: createAppearance(storage),
    register: door.session.register,
    signIn: door.session.signIn,
  }
}
