/** Loaded when somebody uses a passkey. */
const load = () => import('./passkey-ceremonies.ts')

/** Passkeys belong to a host with a name, and to pages that nobody could have changed on their way. */
export const createPasskeyBrowser = (window: Window & typeof globalThis) => ({
  available: window.isSecureContext && 'PublicKeyCredential' in window && !/^[\d.]+$|:/.test(window.location.hostname),
  create: (options: unknown) => load().then(({ create }) => create(options)),
  sign: (options: unknown) => load().then(({ sign }) => sign(options)),
})
