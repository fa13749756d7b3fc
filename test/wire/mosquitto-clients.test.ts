/** The command-line clients of mosquitto, with an app token: what a cron job or a router does. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith, programPath } from '../../scripts/test-programs.ts'
import { Town } from './town.ts'

describeWith('mosquitto', 'the command-line clients of mosquitto', () => {
  let town: Town
  let token: string

  beforeAll(async () => {
    town = await Town.open({ users: ['alice', 'bob'], rooms: { ops: ['alice', 'bob'] } })
    token = (await town.appToken('bob')).token
  })
  afterAll(() => town?.close())

  const publisher = () => programPath('mosquitto')
  const subscriber = () => publisher().replace(/mosquitto_pub$/, 'mosquitto_sub')
  const identity = () => ['-h', '127.0.0.1', '-p', String(town.product.mqttPort), '-u', 'bob', '-P', token]

  /** Ends well, or shows what the program said. */
  async function finished(child: ChildProcessWithoutNullStreams): Promise<void> {
    let said = ''
    child.stderr.on('data', (chunk) => {
      said += chunk
    })
    const [code] = await once(child, 'close')
    if (code !== 0) throw new Error(`exit code ${code}: ${said}`)
  }

  const pub = (...args: string[]) => finished(spawn(publisher(), [...identity(), ...args]))

  /** Runs until it has printed so many lines, which it answers; `subscribed` resolves when the SUBACK has come. */
  function sub(count: number, ...args: string[]) {
    const child = spawn('stdbuf', ['-oL', subscriber(), ...identity(), '-d', '-C', String(count), ...args])
    const lines: string[] = []
    let heard: () => void = () => undefined
    const subscribed = new Promise<void>((resolve) => {
      heard = resolve
    })
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (/^Subscribed \(mid/.test(line)) heard()
      else if (!/^(Client|Subscribed)/.test(line)) lines.push(line)
    })
    return { subscribed, lines: finished(child).then(() => lines) }
  }

  test('[P8] a cron job says something with a single line, and a terminal shows it', async () => {
    const terminal = sub(3, '-t', 'rooms/+/text')
    await terminal.subscribed
    await pub('-t', 'rooms/ops/send', '-m', 'backup done')
    await pub('-t', 'rooms/ops/send', '-m', '{"temp":21.5}', '-q', '1', '-r')
    await pub('-t', 'rooms/ops/send', '-m', 'exactly once', '-q', '2')
    expect(await terminal.lines).toEqual(['bob: backup done', 'bob: {"temp":21.5}', 'bob: exactly once'])
    const log = (await town.log('ops', 'alice')).slice(-3)
    expect(log).toMatchObject([{ text: 'backup done' }, { data: { temp: 21.5 } }, { text: 'exactly once' }])
  })

  test('[RET1] a retained topic is answered at once', async () => {
    const state = await sub(1, '--retained-only', '-t', 'rooms/ops/state').lines
    expect(JSON.parse(state[0] as string)).toMatchObject({ id: 'ops', members: 2 })
  })

  test('[CUR1] a durable subscription of a program that runs now and then misses nothing', async () => {
    const args = ['-c', '-i', 'router', '-q', '1', '-t', 'rooms/ops/text']
    const first = sub(1, ...args)
    await first.subscribed
    await pub('-t', 'rooms/ops/send', '-q', '1', '-m', 'one')
    expect(await first.lines).toEqual(['bob: one'])
    for (const text of ['two', 'three', 'four']) await pub('-t', 'rooms/ops/send', '-q', '1', '-m', text)
    expect(await sub(3, ...args).lines).toEqual(['bob: two', 'bob: three', 'bob: four'])
  })

  test('[P4] many lines at QoS 1 are all there, in order', async () => {
    const child = spawn(publisher(), [...identity(), '-t', 'rooms/ops/send', '-q', '1', '-l'])
    const lines = Array.from({ length: 50 }, (_, i) => `line ${i}`)
    child.stdin.end(`${lines.join('\n')}\n`)
    await finished(child)
    const log = await town.log('ops', 'alice')
    expect(log.slice(-50).map(({ text }) => text)).toEqual(lines)
  })

  test('[AUTH1] a wrong token is refused, and so is MQTT 5', async () => {
    await expect(pub('-t', 'rooms/ops/send', '-m', 'x', '-P', 'wrong')).rejects.toThrow(/not authorised|bad user/i)
    await expect(pub('-t', 'rooms/ops/send', '-m', 'x', '-V', '5')).rejects.toThrow()
  })
})
