import './styles/index.css'
import { render } from 'preact'
import { createDoor } from '../sdk/door.ts'
import { createAddressBar } from './platform/address-bar.ts'
import { browserClock, createSessionStorage, random } from './platform/browser-ports.ts'
import { deviceName } from './platform/device-name.ts'
import { createLocalStorage } from './platform/local-storage.ts'
import { createPasskeyBrowser } from './platform/passkey-browser.ts'
import { createProviderVisit } from './platform/provider-visit.ts'
import { createEntrance } from './state/entrance.ts'
import { lazy } from './ui/lazy.tsx'
import { EntranceContext } from './views/entrance-context.tsx'
import { Root } from './views/root.tsx'

const storage = createLocalStorage(() => localStorage)
const ports = {
  clock: browserClock,
  fetch: (url: string, init: RequestInit) => fetch(url, init),
  session: createSessionStorage(storage, navigator.locks),
  random,
}
const options = { url: '', deviceName: deviceName(navigator.userAgent) }
const door = createDoor(ports, options)
const entrance = createEntrance({
  door,
  addressBar: createAddressBar(window),
  storage,
  passkeys: createPasskeyBrowser(window),
  visit: createProviderVisit(window),
  deviceName: options.deviceName,
})

const load = () => import('./open-app.tsx')
const App = lazy(async () => (await load()).openApp({ door, entrance, ports, options, storage }))

const place = document.getElementById('app')
if (place) {
  render(
    <EntranceContext.Provider value={entrance}>
      <Root app={App} />
    </EntranceContext.Provider>,
    place,
  )
}
await door.session.start()
await entrance.provider.arrive()
// Needed now, or while somebody fills in the form. Whoever waits for either of these hears of a failure.
load().catch(() => {})
if (door.session.state().kind === 'signed-in') door.session.access().catch(() => {})
