import './styles/index.css'
import { render } from 'preact'
import { createChatClient, createWebSocketTransport } from '../sdk/index.ts'
import { createAddressBar } from './platform/address-bar.ts'
import {
  batchInFrames,
  browserClock,
  createCache,
  createOnlineStatus,
  createOutboxStorage,
  createSessionStorage,
  random,
} from './platform/browser-ports.ts'
import { createDatabase } from './platform/database.ts'
import { deviceName } from './platform/device-name.ts'
import { createLocalStorage } from './platform/local-storage.ts'
import { createScreen } from './platform/screen.ts'
import { createApp } from './state/app.ts'
import { AppContext } from './views/app-context.tsx'
import { Root } from './views/root.tsx'

const database = createDatabase(indexedDB, 'tidings')
const storage = createLocalStorage(() => localStorage)
const broker = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/mqtt`

const client = createChatClient(
  {
    clock: browserClock,
    fetch: (url, init) => fetch(url, init),
    openTransport: createWebSocketTransport(WebSocket, broker),
    outbox: createOutboxStorage(database),
    session: createSessionStorage(storage, navigator.locks),
    cache: createCache(database),
    network: createOnlineStatus(window),
    random,
    batch: batchInFrames,
  },
  { url: '', deviceName: deviceName(navigator.userAgent) },
)
const app = createApp({
  client,
  addressBar: createAddressBar(window),
  storage,
  screen: createScreen(window),
  clock: browserClock,
  host: location.hostname,
})
const place = document.getElementById('app')
if (place) {
  render(
    <AppContext.Provider value={app}>
      <Root />
    </AppContext.Provider>,
    place,
  )
}
await client.start()
