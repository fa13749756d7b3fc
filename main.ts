/** The composition root: reads the configuration, makes the parts, opens the doors, and takes all down in order. */
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { buildApp, createAddressOf, measureMessagePath } from './api/index.ts'
import { createAuthPlugin } from './auth-plugin/index.ts'
import { createBroker } from './broker/index.ts'
import { type Config, ConfigError, keepSecret, loadConfig } from './config/index.ts'
import { createDomain, createLocalBus } from './domain/index.ts'
import { openStore } from './store/index.ts'

const clock = { now: () => Date.now() }

async function start(config: Config): Promise<() => Promise<void>> {
  const log = pino({ level: config.logLevel })
  const store = await openStore({
    database: config.database,
    log: (level, message, fields) => log[level](fields ?? {}, message),
  })
  const secretKey = config.secretKey ?? (await keepSecret(join(config.dataDirectory, 'secret.key')))
  const auth = await createAuthPlugin({
    accounts: store.accounts,
    secretKey: Buffer.from(secretKey),
    clock,
    loginsPerMinute: config.limits.loginPerMinute,
  })
  const bus = createLocalBus()
  const domain = createDomain({
    log,
    clock,
    store,
    auth,
    bus,
    registration: config.registration,
    limits: { sendPerSecond: config.limits.sendPerSecond },
  })
  const metrics = new Registry()
  const app = await buildApp({
    log,
    operations: domain.operations,
    verify: (credential) => auth.verify(credential),
    jwks: () => auth.jwks(),
    ready: () => store.check(),
    metrics,
    webRoot: join(import.meta.dirname, 'web-client', 'dist'),
    ...(config.publicUrl !== undefined && { publicUrl: config.publicUrl }),
    trustProxy: config.trustProxy,
    limits: { anonymousPerMinute: config.limits.requestsPerMinute },
  })
  const broker = config.roles.has('broker')
    ? await createBroker(
        {
          log,
          bus,
          now: clock.now,
          auth,
          access: domain.access,
          presence: domain.presence,
          messagePath: domain.messagePath,
          archive: store.archive,
          cursors: store.cursors,
          roomState: domain.roomState,
          membersOf: domain.membersOf,
        },
        {
          host: config.host,
          mqttPort: config.mqttPort,
          mqttsPort: config.mqttsPort,
          tls: config.tls && { cert: await readFile(config.tls.certFile), key: await readFile(config.tls.keyFile) },
          webSocket: { http: app.server, origin: config.publicUrl, addressOf: createAddressOf(config.trustProxy) },
          limits: config.limits,
        },
      )
    : undefined
  measureMessagePath(metrics, () => ({
    archive: store.archive.stats(),
    ...(broker !== undefined && { broker: broker.stats() }),
  }))
  await app.listen({ host: config.host, port: config.httpPort })
  announce(config, (app.server.address() as AddressInfo).port)

  return async () => {
    await broker?.close()
    await app.close()
    await domain.close()
    await bus.close()
    await store.close()
  }
}

/** The lines that people and scripts read; the rest of the output is the log. */
function announce(config: Config, httpPort: number): void {
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  console.log(`Tidings is at ${config.publicUrl ?? `http://${host}:${httpPort}`}`)
  if (config.roles.has('broker') && config.mqttPort > 0) console.log(`MQTT at ${host}:${config.mqttPort}`)
}

/** Says what is wrong in one line, and ends. */
function fail(error: unknown): never {
  console.error(
    error instanceof ConfigError || !(error instanceof Error) ? String(error) : (error.stack ?? error.message),
  )
  process.exit(1)
}

try {
  const isRoot = process.getuid?.() === 0
  const stop = await start(loadConfig(process.env, isRoot))
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1)
      stopping = true
      stop().then(() => process.exit(0), fail)
    })
  }
} catch (error) {
  fail(error)
}
