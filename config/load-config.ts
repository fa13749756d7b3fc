import { join } from 'node:path'
import * as z from 'zod/mini'
import { type Setting, type SettingName, settings } from './schema.ts'

export type Config = Readonly<{
  host: string
  httpPort: number
  mqttPort: number
  mqttsPort: number
  tls: { certFile: string; keyFile: string } | undefined
  publicUrl: string | undefined
  dataDirectory: string
  database: { driver: 'embedded'; directory: string } | { driver: 'url'; url: string }
  roles: ReadonlySet<'broker' | 'api'>
  secretKey: string | undefined
  registration: 'open' | 'invite' | 'closed'
  mail: { url: string; from: string } | undefined
  oidc: { issuer: string; clientId: string; clientSecret: string; name: string } | undefined
  trustProxy: boolean | string
  logLevel: string
  limits: {
    connectionsPerUser: number
    connectionsPerAddress: number
    subscriptions: number
    sendPerSecond: number
    packetBytes: number
    loginPerMinute: number
    unsentBytes: number
    requestsPerMinute: number
    registrationsPerHour: number
    passwordResetsPerHour: number
    searchesPerMinute: number
    exportsPerHour: number
    inviteCodesPerMinute: number
  }
}>

/** All that is wrong with the environment, one line each. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not valid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
  }
}

type Values = { [Name in SettingName]: z.output<(typeof settings)[Name]['schema']> | undefined }

/**
 * Reads the settings from an environment. Pure: a frozen value, or a `ConfigError` that lists every problem. An empty
 * variable counts as absent. `isRoot` changes the default of DATA_DIR, as PostgreSQL then runs as another user.
 */
export function loadConfig(environment: Record<string, string | undefined>, isRoot = false): Config {
  const problems: string[] = []
  const values: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries(settings) as [SettingName, Setting][]) {
    const given = environment[name] || (name === 'DATA_DIR' && isRoot ? '/var/lib/tidings' : setting.default)
    if (given === undefined) continue
    const result = z.safeParse(setting.schema, given)
    if (result.success) values[name] = result.data
    else problems.push(`${name}=${secret(name, given)}: ${result.error.issues.map((one) => one.message).join('; ')}`)
  }
  const value = values as Values
  const hasTls = value.TLS_CERT !== undefined && value.TLS_KEY !== undefined
  if ((value.MQTTS_PORT ?? 0) > 0 && !hasTls) problems.push('MQTTS_PORT needs TLS_CERT and TLS_KEY')
  if (value.REDIS_URL !== undefined) {
    problems.push('REDIS_URL: several nodes are not part of this release; run one process, or leave it out')
  }
  if (value.SMTP_URL !== undefined && value.MAIL_FROM === undefined) problems.push('SMTP_URL needs MAIL_FROM')
  const oidc = [value.OIDC_ISSUER, value.OIDC_CLIENT_ID, value.OIDC_CLIENT_SECRET]
  if (oidc.some((one) => one !== undefined) && oidc.some((one) => one === undefined)) {
    problems.push('OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET: all of them or none')
  }
  for (const name of Object.keys(environment)) {
    if (name.startsWith('LIMIT_') && !(name in settings)) problems.push(`${name}: there is no such limit`)
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return Object.freeze(arrange(value as Required<Values>))
}

function arrange(value: Values): Config {
  const dataDirectory = must(value.DATA_DIR)
  return {
    host: must(value.HOST),
    httpPort: must(value.HTTP_PORT),
    mqttPort: must(value.MQTT_PORT),
    mqttsPort: must(value.MQTTS_PORT),
    tls:
      value.TLS_CERT !== undefined && value.TLS_KEY !== undefined
        ? { certFile: value.TLS_CERT, keyFile: value.TLS_KEY }
        : undefined,
    publicUrl: value.PUBLIC_URL === undefined ? undefined : new URL(value.PUBLIC_URL).origin,
    dataDirectory,
    database:
      value.DATABASE_URL === undefined
        ? { driver: 'embedded', directory: join(dataDirectory, 'postgres') }
        : { driver: 'url', url: value.DATABASE_URL },
    roles: new Set(must(value.ROLES)),
    secretKey: value.SECRET_KEY,
    registration: must(value.REGISTRATION),
    mail:
      value.SMTP_URL !== undefined && value.MAIL_FROM !== undefined
        ? { url: value.SMTP_URL, from: value.MAIL_FROM }
        : undefined,
    oidc:
      value.OIDC_ISSUER !== undefined && value.OIDC_CLIENT_ID !== undefined && value.OIDC_CLIENT_SECRET !== undefined
        ? {
            issuer: value.OIDC_ISSUER,
            clientId: value.OIDC_CLIENT_ID,
            clientSecret: value.OIDC_CLIENT_SECRET,
            name: must(value.OIDC_NAME),
          }
        : undefined,
    trustProxy: value.TRUST_PROXY === 'true' ? true : value.TRUST_PROXY || false,
    logLevel: must(value.LOG_LEVEL),
    limits: {
      connectionsPerUser: must(value.LIMIT_CONNECTIONS_PER_USER),
      connectionsPerAddress: must(value.LIMIT_CONNECTIONS_PER_IP),
      subscriptions: must(value.LIMIT_SUBSCRIPTIONS),
      sendPerSecond: must(value.LIMIT_SEND_PER_SECOND),
      packetBytes: must(value.LIMIT_PACKET_BYTES),
      loginPerMinute: must(value.LIMIT_LOGIN_PER_MINUTE),
      unsentBytes: must(value.LIMIT_UNSENT_BYTES),
      requestsPerMinute: must(value.LIMIT_REQUESTS_PER_MINUTE),
      registrationsPerHour: must(value.LIMIT_REGISTRATIONS_PER_HOUR),
      passwordResetsPerHour: must(value.LIMIT_PASSWORD_RESETS_PER_HOUR),
      searchesPerMinute: must(value.LIMIT_SEARCHES_PER_MINUTE),
      exportsPerHour: must(value.LIMIT_EXPORTS_PER_HOUR),
      inviteCodesPerMinute: must(value.LIMIT_INVITE_CODES_PER_MINUTE),
    },
  }
}

/** For settings with a default, which are there once no problem was found. */
function must<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new TypeError('a setting with a default is missing')
  return value
}

/** A wrong secret is not printed. */
const secret = (name: string, given: string): string => (/SECRET|KEY|URL/.test(name) ? '...' : JSON.stringify(given))
