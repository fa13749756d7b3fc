import type { ComponentType } from 'preact'
import type { Door } from '../sdk/door.ts'
import { createChatClient, createWebSocketTransport, type Options, type Ports } from '../sdk/index.ts'
import { batchInFrames, createCache, createOnlineStatus, createOutboxStorage } from './platform/app-ports.ts'
import { createDatabase } from './platform/database.ts'
import { createScreen } from './platform/screen.ts'
import { createApp } from './state/app.ts'
import type { Entrance } from './state/entrance.ts'
import type { KeyValue } from './state/key-value.ts'
import { AppContext } from './views/app-context.tsx'
import { SignedIn } from './views/signed-in.tsx'

export type AppParts = {
  door: Door
  entrance: Entrance
  ports: Pick<Ports, 'clock' | 'fetch' | 'random' | 'session'>
  options: Options
  storage: KeyValue
}

/** Everything behind the sign-in: connects whoever comes through the door, and shows it. Once. */
export function openApp({ door, entrance, ports, options, storage }: AppParts): ComponentType {
  const database = createDatabase(indexedDB, 'tidings')
  const broker = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/mqtt`
  const client = createChatClient(
    {
      ...ports,
      openTransport: createWebSocketTransport(WebSocket, broker),
      outbox: createOutboxStorage(database),
      cache: createCache(database),
      network: createOnlineStatus(window),
      batch: batchInFrames,
    },
    options,
    door,
  )
  const app = createApp({
    client,
    entrance,
    storage,
    screen: createScreen(window),
    clock: ports.clock,
    host: location.hostname,
  })
  void client.start()
  return () => (
    <AppContext.Provider value={app}>
      <SignedIn />
    </AppContext.Provider>
  )
}
