/** What the browser can do with passkeys; what is asked and answered is JSON between it and the server. */
export interface PasskeyBrowser {
  /** Whether this browser has passkeys at this address. */
  readonly available: boolean
  /** Both reject with ChatError, also when the person does not want to. */
  create(options: unknown): Promise<unknown>
  sign(options: unknown): Promise<unknown>
}
