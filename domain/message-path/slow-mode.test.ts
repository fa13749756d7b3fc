import { expect, it } from 'vitest'
import type { ChatEvent } from '../../protocol/events.ts'
import type { CommandId, DeviceId, Seq } from '../../protocol/ids.ts'
import { room, sessionOf, user } from '../test/open-house.ts'
import { createSlowMode, type Saying } from './slow-mode.ts'

const WAIT = 10_000

function openSlowMode(log: ChatEvent[] = []) {
  const time = { now: 1_000_000 }
  const mode = createSlowMode({ archive: { lastMessageOf: async () => log.at(-1) }, now: () => time.now })
  return { mode, time, log }
}

const saying = (text: string, more: Partial<Saying> & { id?: string } = {}): Saying => {
  const { id, ...rest } = more
  const command = { type: 'message', text, ...(id && { id: id as CommandId }) } as const
  return { session: sessionOf('mia'), room: room('ops'), command, ...rest }
}
const inLog = (at: number, id?: string): ChatEvent => ({
  type: 'message',
  seq: 1 as Seq,
  from: user('mia'),
  at,
  text: 'x',
  ...(id && { id: id as CommandId }),
})

it('[SET4] after a restart the log says when the last message was', async () => {
  const { mode, time } = openSlowMode([inLog(995_000)])
  expect(await mode.take(saying('soon'), WAIT)).toMatchObject({ code: 'rate_limited', retryAfterMs: 5_000 })
  time.now += 5_000
  expect(await mode.take(saying('now'), WAIT)).toBeUndefined()
  expect(await mode.take(saying('again'), WAIT)).toMatchObject({ retryAfterMs: WAIT })
})

it('[SET4] [P4] the same message again is not a second one, also after a restart', async () => {
  const { mode } = openSlowMode([inLog(999_000, 'a')])
  expect(await mode.take(saying('first', { id: 'a' }), WAIT)).toBeUndefined()
  expect(await mode.take(saying('second', { id: 'b' }), WAIT)).toMatchObject({ code: 'rate_limited' })

  const fresh = openSlowMode()
  const sent = { device: 'phone' as DeviceId, packetId: 7, dup: false, payloadHash: 'h' }
  expect(await fresh.mode.take(saying('x', { transmission: sent }), WAIT)).toBeUndefined()
  expect(await fresh.mode.take(saying('x', { transmission: { ...sent, dup: true } }), WAIT)).toBeUndefined()
  for (const other of [{ packetId: 8 }, { payloadHash: 'other' }, { dup: false }, { device: 'desk' as DeviceId }]) {
    const transmission = { ...sent, dup: true, ...other }
    expect(await fresh.mode.take(saying('x', { transmission }), WAIT), JSON.stringify(other)).toBeDefined()
  }
})

it('[SET4] what did not get into the log costs nothing; a clock set back costs no more than the wait', async () => {
  const { mode, time } = openSlowMode()
  const lost = saying('lost')
  expect(await mode.take(lost, WAIT)).toBeUndefined()
  mode.giveBack(lost)
  expect(await mode.take(saying('kept'), WAIT)).toBeUndefined()
  mode.giveBack(lost) // not its turn any more
  expect(await mode.take(saying('third'), WAIT)).toBeDefined()
  time.now -= 3_600_000
  expect(await mode.take(saying('fourth'), WAIT)).toMatchObject({ retryAfterMs: WAIT })
})
