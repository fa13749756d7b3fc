import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { onCore, SERVER_CORE } from './cores.ts'

const START_SECONDS = 60
const STOP_SECONDS = 20

/** A child process on the core of the servers. Its errors go to our stderr. */
export class ServerProcess {
  readonly pid: number
  readonly #name: string
  readonly #child: ChildProcess

  constructor(name: string, command: string[], env: NodeJS.ProcessEnv = process.env) {
    const [program = '', ...args] = onCore(SERVER_CORE, command)
    this.#name = name
    this.#child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
    if (this.#child.pid === undefined) throw new Error(`${name} did not start: ${program} cannot be run`)
    this.pid = this.#child.pid
    // Whoever asks for no line still needs the pipe to be read: a full one would stop the child.
    this.#child.stdout?.resume()
  }

  /** Resolves with the first line of its output that `accept` turns into something; rejects when it ends or takes a minute. */
  firstLine<T>(accept: (line: string) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const said: string[] = []
      const fail = (reason: string) => reject(new Error(`${this.#name} ${reason}\n${said.slice(-20).join('\n')}`))
      const timer = setTimeout(() => fail(`was not ready within ${START_SECONDS} s`), START_SECONDS * 1000)
      this.#child.once('exit', (code) => fail(`ended with ${code}`))
      this.#child.once('error', (error) => fail(error.message))
      if (!this.#child.stdout) return
      createInterface({ input: this.#child.stdout }).on('line', (line) => {
        said.push(line)
        if (said.length > 100) said.shift()
        const found = accept(line)
        if (found === undefined) return
        clearTimeout(timer)
        resolve(found)
      })
    })
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
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
