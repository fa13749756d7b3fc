/** Every setting of a Tidings process: its name in the environment, its default, and what it is for. */
import * as z from 'zod/mini'

const port = z.coerce.number().check(z.int(), z.minimum(0), z.maximum(65_535))
const limit = z.coerce.number().check(z.int(), z.nonnegative())
const path = z.string().check(z.minLength(1))
const url = z.string().check(z.refine((value) => URL.canParse(value), 'not a URL'))
const origin = z
  .string()
  .check(z.refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), 'an http or https URL'))

export type Setting = { schema: z.ZodMiniType; default?: string; about: string }

/** In the order of the reference. A setting without a default is absent unless given. */
export const settings = {
  HOST: {
    schema: z.string().check(z.minLength(1)),
    default: '127.0.0.1',
    about: 'Address that the listeners bind to; 0.0.0.0 for all.',
  },
  HTTP_PORT: { schema: port, default: '8080', about: 'API, web client and MQTT over WebSocket; 0 takes a free port.' },
  MQTT_PORT: { schema: port, default: '1883', about: 'MQTT over TCP; 0 switches it off.' },
  MQTTS_PORT: { schema: port, default: '0', about: 'MQTT over TLS; 0 switches it off. Needs TLS_CERT and TLS_KEY.' },
  TLS_CERT: { schema: path, about: 'PEM file with the certificate and its chain.' },
  TLS_KEY: { schema: path, about: 'PEM file with the private key.' },
  PUBLIC_URL: {
    schema: origin,
    about: 'Where people reach this server, such as https://chat.example: the only Origin that may connect.',
  },
  DATA_DIR: {
    schema: path,
    default: './data',
    about: 'The database and the kept secret. /var/lib/tidings when root starts the process.',
  },
  DATABASE_URL: { schema: url, about: 'PostgreSQL 15 or newer. Without it the process starts its own under DATA_DIR.' },
  REDIS_URL: { schema: url, about: 'Joins several nodes. Not in this release: a process refuses to start with it.' },
  ROLES: {
    schema: z.pipe(
      z.pipe(
        z.string(),
        z.transform((value: string) => value.split(',').map((one) => one.trim())),
      ),
      z.array(z.enum(['broker', 'api'])).check(z.minLength(1)),
    ),
    default: 'broker,api',
    about: 'What this process does: without broker it takes no MQTT. HTTP is served in any case.',
  },
  SECRET_KEY: {
    schema: z.string().check(z.minLength(32)),
    about: 'Encrypts signing keys in the database; 32 characters or more. Made and kept in DATA_DIR when absent.',
  },
  REGISTRATION: {
    schema: z.enum(['open', 'invite', 'closed']),
    default: 'open',
    about: 'Who may sign up: anyone, those with an invitation (npm run admin -- invite), or nobody.',
  },
  SMTP_URL: {
    schema: z.string().check(
      z.refine((value) => {
        const url = URL.canParse(value) ? new URL(value) : undefined
        return url !== undefined && /^smtps?:$/.test(url.protocol) && url.hostname !== ''
      }, 'an smtp or smtps URL'),
    ),
    about:
      'Mail server, such as smtp://user:password@mail.example:587 or smtps://... Without it no mail is sent. Needs MAIL_FROM.',
  },
  MAIL_FROM: {
    schema: z.string().check(z.regex(/^[^\r\n<>]*<?[^\s<>@]+@[^\s<>@]+>?$/, 'such as Tidings <chat@example.org>')),
    about: 'The sender of mail, such as Tidings <chat@example.org>.',
  },
  OIDC_ISSUER: {
    schema: z.string().check(
      z.refine((value) => {
        const url = URL.canParse(value) ? new URL(value) : undefined
        const isHere = url !== undefined && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)
        return url?.protocol === 'https:' || (url?.protocol === 'http:' && isHere)
      }, 'an https URL'),
    ),
    about:
      'Sign-in with an OpenID Connect provider: its address, such as https://id.example. Needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.',
  },
  OIDC_CLIENT_ID: { schema: z.string().check(z.minLength(1)), about: 'What the provider calls this server.' },
  OIDC_CLIENT_SECRET: { schema: z.string().check(z.minLength(1)), about: 'By which the provider knows this server.' },
  OIDC_NAME: {
    schema: z.string().check(z.minLength(1), z.maxLength(40)),
    default: 'single sign-on',
    about: 'What the button to sign in with the provider says after "Continue with".',
  },
  TRUST_PROXY: {
    schema: z.string(),
    default: '',
    about: 'Addresses of proxies whose X-Forwarded-For counts, comma separated, or "true" for any.',
  },
  LOG_LEVEL: {
    schema: z.enum(['silent', 'error', 'warn', 'info', 'debug']),
    default: 'info',
    about: 'How much is logged.',
  },
  LIMIT_CONNECTIONS_PER_USER: { schema: limit, default: '20', about: 'MQTT connections of one user.' },
  LIMIT_CONNECTIONS_PER_IP: { schema: limit, default: '200', about: 'MQTT connections from one address.' },
  LIMIT_SUBSCRIPTIONS: { schema: limit, default: '500', about: 'Topic filters of one connection.' },
  LIMIT_SEND_PER_SECOND: {
    schema: limit,
    default: '20',
    about: 'Publishes of one user, sustained; three seconds of it at once.',
  },
  LIMIT_PACKET_BYTES: {
    schema: limit,
    default: '65536',
    about: 'Size of an MQTT packet after login (before it at most 16384).',
  },
  LIMIT_LOGIN_PER_MINUTE: { schema: limit, default: '10', about: 'Failed logins per address and per user.' },
  LIMIT_UNSENT_BYTES: {
    schema: limit,
    default: '1048576',
    about: 'Unsent bytes after which a slow reader is continued from the log.',
  },
  LIMIT_REQUESTS_PER_MINUTE: {
    schema: limit,
    default: '600',
    about: 'HTTP requests from one address without a valid token.',
  },
  LIMIT_REGISTRATIONS_PER_HOUR: {
    schema: limit,
    default: '1000',
    about: 'Accounts made from one address; a whole school may sit behind it.',
  },
  LIMIT_PASSWORD_RESETS_PER_HOUR: {
    schema: limit,
    default: '20',
    about: 'Links for a new password asked for from one address.',
  },
  LIMIT_SEARCHES_PER_MINUTE: {
    schema: limit,
    default: '120',
    about: 'Searches of one user for people and messages; from one address ten times as many.',
  },
  LIMIT_INVITE_CODES_PER_MINUTE: {
    schema: limit,
    default: '20',
    about: 'Wrong codes of invite links named from one address.',
  },
  LIMIT_EXPORTS_PER_HOUR: { schema: limit, default: '5', about: 'Exports of the data of one user.' },
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof settings
