/** The composition root: reads the configuration, makes the parts, opens the doors, and takes all down in order. */
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { en } from 'zod/locales'
import { config as configureZod } from 'zod/mini'
import { buildApp, createAddressOf, measureMessagePath } from './api/index.ts'
import { createAuthPlugin, createCounters, createOidcClient } from './auth-plugin/index.ts'
import { type Broker, createBroker } from './broker/index.ts'
import { type Config, keepSecret, loadConfig } from './config/index.ts'
import { createDomain, createLocalBus, createSmtpTransport } from './domain/index.ts'
import { openStore } from './store/index.ts'

const clock = { now: () => Date.now() }

let stopping = false

/** What is open, to be closed from the last to the first. */
const open: (() => Promise<unknown>)[] = []

async function start(config: Config): Promise<void> {
  const log = pino({ level: config.logLevel, base: null })
  const secretKey = Buffer.from(config.secretKey ?? (await keepSecret(join(config.dataDirectory, 'secret.key'))))
  const store = await openStore({
    database: config.database,
    secretKey,
    log: (level, message, { error, ...fields } = {}) =>
      log[level]({ ...fields, ...(error !== undefined && { err: reasonOf(error) }) }, message),
  })
  open.push(() => store.close())
  const openCounter = createCounters()
  const auth = await createAuthPlugin({
    accounts: store.accounts,
    secretKey,
    clock,
    loginsPerMinute: config.limits.loginPerMinute,
    openCounter,
  })
  const bus = createLocalBus()
  open.push(() => bus.close())
  const domain = createDomain({
    log,
    clock,
    store,
    auth,
    bus,
    server: {
      registration: config.registration,
      mqttPort: config.mqttPort,
      mqttsPort: config.mqttsPort,
      ...(config.oidc !== undefined && { oidc: { name: config.oidc.name } }),
    },
    ...(config.oidc !== undefined && { oidc: createOidcClient(config.oidc) }),
    openCounter,
    limits: {
      sendPerSecond: config.limits.sendPerSecond,
      registrations: config.limits.registrationsPerHour,
      passwordResets: config.limits.passwordResetsPerHour,
      searches: config.limits.searchesPerMinute,
      exports: config.limits.exportsPerHour,
      wrongInviteCodes: config.limits.inviteCodesPerMinute,
    },
    figures: {
      version: await ownVersion(),
      startedAt: clock.now(),
      connections: () => broker?.stats().connections ?? 0,
      limits: config.limits,
    },
    ...(config.mail !== undefined && { mail: createSmtpTransport(config.mail) }),
    origin: () => config.publicUrl ?? ownAddress(config, (app.server.address() as AddressInfo).port),
  })
  open.push(() => domain.close())
  const servesApi = config.roles.has('api')
  const metrics = new Registry()
  const app = await buildApp({
    log,
    operations: servesApi ? domain.operations : { ...domain.operations, all: () => [] },
    verify: (credential) => auth.verify(credential),
    ...(servesApi && domain.oidc !== undefined && { oidc: domain.oidc }),
    jwks: () => auth.jwks(),
    ...(servesApi && { avatar: domain.avatar, openExport: domain.openExport }),
    ready: async () => !stopping && store.check(),
    metrics,
    ...(servesApi && { webRoot: join(import.meta.dirname, 'web-client', 'dist') }),
    ...(config.publicUrl !== undefined && { publicUrl: config.publicUrl }),
    trustProxy: config.trustProxy,
    limits: { anonymousPerMinute: config.limits.requestsPerMinute },
  })
  open.push(() => app.close())
  const broker: Broker | undefined = config.roles.has('broker')
    ? await createBroker(
        {
          log,
          bus,
          now: clock.now,
          auth,
          access: domain.access,
          presence: domain.presence,
          live: domain.connections,
          privacy: domain.privacy,
          sight: domain.sight,
          messagePath: domain.messagePath,
          archive: store.archive,
          cursors: store.cursors,
          counts: store.marks.counts,
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
  if (broker !== undefined) open.push(() => broker.close())
  measureMessagePath(metrics, () => ({
    archive: store.archive.stats(),
    ...(broker !== undefined && { broker: broker.stats() }),
  }))
  await app.listen({ host: config.host, port: config.httpPort })
  announce(config, (app.server.address() as AddressInfo).port)
}

async function stop(): Promise<void> {
  for (let close = open.pop(); close !== undefined; close = open.pop()) await close()
}

/** The lines that people and scripts read; the rest of the output is the log. */
function announce(config: Config, httpPort: number): void {
  console.log(`Tidings is at ${config.publicUrl ?? ownAddress(config, httpPort)}`)
  if (config.roles.has('broker') && config.mqttPort > 0) console.log(`MQTT at ${hostOf(config)}:${config.mqttPort}`)
}

const hostOf = ({ host }: Config): string => (host.includes(':') ? `[${host}]` : host)
const ownAddress = (config: Config, httpPort: number): string => `http://${hostOf(config)}:${httpPort}`

/** The release, as package.json has it. */
async function ownVersion(): Promise<string> {
  const text = await readFile(join(import.meta.dirname, 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** The names and messages of an error and of what caused it; not its other fields, which may hold secrets. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = `${error.name}: ${error.message}`
  return error.cause === undefined ? own : `${own}, because of ${reasonOf(error.cause)}`
}

/** What an operator can act on in one sentence; a bug with its stack. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, port } = error as NodeJS.ErrnoException & { port?: number }
  if (code === 'EADDRINUSE') return `Port ${port} is taken. Stop what uses it, or set HTTP_PORT or MQTT_PORT.`
  const isBug = [TypeError, ReferenceError, RangeError, SyntaxError].some((kind) => error instanceof kind)
  if (isBug) return error.stack ?? error.message
  return error.cause === undefined ? error.message : `${error.message} (${reasonOf(error.cause)})`
}

/** Says what is wrong, closes what is open, and ends. */
async function fail(error: unknown): Promise<never> {
  console.error(explain(error))
  await stop().catch((another: unknown) => console.error(another))
  process.exit(1)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping) process.exit(1)
    stopping = true
    stop().then(() => process.exit(0), fail)
  })
}

configureZod(en())
try {
  await start(loadConfig(process.env, process.getuid?.() === 0))
} catch (error) {
  await fail(error)
}
