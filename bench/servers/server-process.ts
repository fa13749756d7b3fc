import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import type { Readable } from 'node:stream'
import { onCore, SERVER_CORE } from './cores.ts'

const START_SECONDS = 60
const STOP_SECONDS = 20
const REMEMBERED_LINES = 20

/** A child process on the core of the servers. Its errors go to our stderr. */
export class ServerProcess {
  readonly pid: number
  readonly #name: string
  readonly #child: ChildProcess
  readonly #lines: Interface
  readonly #said: string[] = []

  constructor(name: string, command: string[], env: NodeJS.ProcessEnv = process.env) {
    const [program = '', ...args] = onCore(SERVER_CORE, command)
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
    if (child.pid === undefined) throw new Error(`${name} did not start: ${program} cannot be run`)
    this.pid = child.pid
    this.#name = name
    this.#child = child
    // Read to the end of its life: a full pipe would stop it.
    this.#lines = createInterface({ input: child.stdout as Readable })
    this.#lines.on('line', (line) => {
      this.#said.push(line)
      if (this.#said.length > REMEMBERED_LINES) this.#said.shift()
    })
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** An error with what the process said last. */
  failure(reason: string): Error {
    return new Error([`${this.#name} ${reason}`, ...this.#said].join('\n'))
  }

  /** Resolves with the first line of its output that `accept` turns into something; rejects when it ends or takes a minute. */
  firstLine<T>(accept: (line: string) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (reason: string) => reject(this.failure(reason))
      const timer = setTimeout(() => fail(`was not ready within ${START_SECONDS} s`), START_SECONDS * 1000)
      this.#child.once('exit', (code) => fail(`ended with ${code}`))
      this.#lines.on('line', (line) => {
        const found = accept(line)
        if (found === undefined) return
        clearTimeout(timer)
        resolve(found)
      })
    })
  }

  /** SIGTERM, and SIGKILL when that does not help. */
  async stop(): Promise<void> {
    if (this.hasEnded) return
    const ended = once(this.#child, 'exit')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_SECONDS * 1000)
    this.#child.kill('SIGTERM')
    await ended
    clearTimeout(timer)
  }
}
