import { type ReadonlySignal, signal } from '@preact/signals'
import { ChatError } from '../../../protocol/errors.ts'
import type { InviteDescription } from '../../../protocol/http/invites.ts'
import type { Door, RegisterInput, ServerInfo, SessionState, SignInInput } from '../../sdk/door.ts'
import { type Appearance, createAppearance } from './appearance.ts'
import type { KeyValue } from './key-value.ts'
import { type AddressBar, createNavigation, type Navigation } from './navigation.ts'
import type { PasskeyBrowser } from './passkey-browser.ts'
import { createProvider, type Provider, type ProviderVisit } from './provider.ts'
import { createResource, type Resource } from './resource.ts'

/** The password was right; what is asked for now, and what to go on with. */
export type SecondStep = { methods: readonly ('otp' | 'passkey')[]; ticket: string }

/** Everything that the screens before the sign-in know; the app goes on with the same. */
export interface Entrance {
  readonly session: ReadonlySignal<SessionState>
  readonly server: Resource<ServerInfo>
  readonly navigation: Navigation
  readonly appearance: Appearance
  readonly passkeys: PasskeyBrowser
  readonly provider: Provider
  /** Set while a sign-in waits for its second step. */
  readonly secondStep: ReadonlySignal<SecondStep | undefined>
  /** An authorised exchange with the server. Rejects with ChatError. */
  readonly call: Door['session']['call']
  /** An exchange that needs no sign-in. Rejects with ChatError. */
  readonly post: Door['post']
  /** What the code of a link leads to. Rejects with ChatError. */
  describeInvite(code: string): Promise<InviteDescription>
  /** Both reject with ChatError; `signIn` resolves too when there is a second step. */
  register(input: RegisterInput): Promise<void>
  signIn(input: SignInInput): Promise<void>
  /** The second step with a code of the app or on paper. */
  giveCode(otp: string): Promise<void>
  /** The second step, or the whole sign-in where there is none under way. */
  usePasskey(): Promise<void>
  /** Back to the first step. */
  startOver(): void
}

export type EntranceDeps = {
  door: Door
  addressBar: AddressBar
  storage: KeyValue
  passkeys: PasskeyBrowser
  visit: ProviderVisit
  /** How this browser is called in the list of sessions. */
  deviceName: string
}

export function createEntrance({ door, addressBar, storage, passkeys, visit, deviceName }: EntranceDeps): Entrance {
  const session = signal(door.session.state())
  door.session.subscribe(() => {
    session.value = door.session.state()
    if (session.value.kind === 'signed-in') secondStep.value = undefined
  })
  const secondStep = signal<SecondStep | undefined>(undefined)
  const { enter } = door.session
  const navigation = createNavigation(addressBar)
  return {
    session,
    server: createResource(door.describeServer),
    navigation,
    appearance: createAppearance(storage),
    describeInvite: (code) => door.get(`/invites/${code}`),
    register: door.session.register,
    passkeys,
    provider: createProvider({ door, visit, navigation, path: addressBar.path, deviceName }),
    secondStep,
    call: door.session.call,
    post: door.post,
    async signIn(input) {
      try {
        await door.session.signIn(input)
      } catch (error) {
        if (!(error instanceof ChatError) || error.code !== 'second_factor_required') throw error
        secondStep.value = error.details as SecondStep
      }
    },
    giveCode: (otp) => enter('/login/second', { ticket: secondStep.peek()?.ticket, otp }),
    async usePasskey() {
      const ticket = secondStep.peek()?.ticket
      const path = ticket === undefined ? '/login/passkey' : '/login/second'
      const known = ticket !== undefined && { ticket }
      const credential = await passkeys.sign(await door.post(`${path}/options`, { ...known }))
      await enter(path, { ...known, credential })
    },
    startOver() {
      secondStep.value = undefined
    },
  }
}
