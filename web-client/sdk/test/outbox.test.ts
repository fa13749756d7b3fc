import { expect, test } from 'vitest'
import type { Seq } from '../../../protocol/ids.ts'
import { createMemoryOutbox, createMemorySession } from '../memory-storage.ts'
import type { OutboxStorage } from '../ports.ts'
import type { MessageItem } from '../snapshot.ts'
import { countingRandom, makeClient } from './client.ts'
import { alice, bob } from './events.ts'
import { ops } from './scripted-server.ts'

const texts = (events: readonly { type: string; text?: unknown }[]) =>
  events.filter(({ type }) => type === 'message').map(({ text }) => text)

test('[A1] a message is there at once, then sending, then sent under the same key', async () => {
  const { client, server, online, last } = makeClient()
  await online()
  client.send(ops, { text: 'hi', replyTo: 1 as Seq })
  await Promise.resolve()
  const pending = last()
  expect(pending).toMatchObject({ kind: 'pending', text: 'hi', replyTo: 1, state: { kind: 'sending' } })
  await server.run()
  expect(last()).toMatchObject({ kind: 'message', seq: 3, text: 'hi', mine: true, key: pending.key })
  expect(client.snapshot().rooms[0]).toMatchObject({ pending: 0, unread: 0, last: { text: 'hi' } })
})

test('[A1] an acknowledgement alone is not yet sent', async () => {
  const { client, server, online, last } = makeClient()
  await online()
  server.judge = () => 'mute'
  client.send(ops, { text: 'hi' })
  await server.run()
  server.links
    .at(-1)
    ?.socket.send({ cmd: 'puback', messageId: server.links.at(-1)?.socket.of('publish')[0]?.messageId ?? 0 })
  await server.run()
  expect(last()).toMatchObject({ kind: 'pending', state: { kind: 'sending' } })
})

test('[A2] offline messages wait, and go in order when the network is back', async () => {
  const { client, server, online, pass, texts: shown } = makeClient()
  await online()
  server.drop()
  for (let at = 1; at <= 20; at++) client.send(ops, { text: `m${at}` })
  expect(client.snapshot().rooms[0]?.pending).toBe(20)
  await pass(500)
  expect(texts(server.room().events)).toEqual(Array.from({ length: 20 }, (_, at) => `m${at + 1}`))
  expect(shown()).toEqual(texts(server.room().events))
})

test('[A2] what was stored before a reload is sent after it, in order', async () => {
  const outbox = createMemoryOutbox()
  const session = createMemorySession()
  const first = makeClient(undefined, { outbox, session })
  await first.online()
  first.server.drop()
  for (const text of ['one', 'two', 'three']) first.client.send(ops, { text })
  await new Promise(setImmediate)
  first.client.stop()
  const random = countingRandom()
  for (let at = 0; at < 999; at++) random()
  const second = makeClient(first.server, { outbox, session, random })
  await second.online()
  expect(texts(first.server.room().events)).toEqual(['one', 'two', 'three'])
  expect(second.texts()).toEqual(['one', 'two', 'three'])
  expect(await outbox.load(alice)).toEqual([])
})

test('[P4] a command that was archived before its echo got lost is sent again with the same id and is there once', async () => {
  const { client, server, online, pass, texts: shown } = makeClient()
  await online()
  server.judge = () => (server.commands.length > 1 ? undefined : 'lose')
  client.send(ops, { text: 'once' })
  await server.run()
  await pass(500)
  expect(new Set(server.commands.map(({ id }) => id)).size).toBe(1)
  expect(texts(server.room().events)).toEqual(['once'])
  expect(shown()).toEqual(['once'])
})

test('[P4] after a reload too: the place of an old command is asked for, and it leaves the outbox', async () => {
  const outbox = createMemoryOutbox()
  const session = createMemorySession()
  const first = makeClient(undefined, { outbox, session })
  await first.online()
  first.server.judge = () => 'lose'
  first.client.send(ops, { text: 'once' })
  await first.server.run()
  first.client.stop()
  first.server.judge = () => undefined
  for (let at = 0; at < 60; at++) first.server.say(`later ${at}`)
  const second = makeClient(first.server, { outbox, session })
  await second.online()
  expect(second.client.snapshot().rooms[0]?.pending).toBe(1)
  await second.pass(3_000)
  expect(second.client.snapshot().rooms[0]?.pending).toBe(0)
  expect(await outbox.load(alice)).toEqual([])
  expect(texts(first.server.room().events).filter((text) => text === 'once')).toHaveLength(1)
})

test('[A10] a rejection fails the command with its code; the next ones go on, and it is not sent again', async () => {
  const { client, server, online, pass, texts: shown, items } = makeClient()
  await online()
  server.judge = ({ text }) => (text === 'bad' ? { code: 'forbidden' } : undefined)
  client.send(ops, { text: 'bad' })
  client.send(ops, { text: 'good' })
  await server.run()
  await pass(120_000)
  expect(shown()).toEqual(['good', '[bad]'])
  expect(items().at(-1)).toMatchObject({ state: { kind: 'failed', code: 'forbidden', retryable: false } })
  expect(server.commands).toHaveLength(2)
  expect(client.snapshot().rooms[0]).toMatchObject({ pending: 1, failed: 1 })
})

test('[A1] a failed command is sent again under its id, or taken back', async () => {
  const { client, server, online, ports, texts: shown } = makeClient()
  await online()
  server.judge = () => ({ code: 'forbidden' })
  const kept = client.send(ops, { text: 'kept' })
  const dropped = client.send(ops, { text: 'dropped' })
  await server.run()
  server.judge = () => undefined
  client.retry(ops, kept)
  expect(client.discard(ops, dropped)).toBe(true)
  expect(client.discard(ops, dropped)).toBe(false)
  await server.run()
  expect(shown()).toEqual(['kept'])
  expect(server.commands.filter(({ id }) => id === kept)).toHaveLength(2)
  expect(await ports.outbox.load(alice)).toEqual([])
})

test('[LIM] a rate limit holds the room for as long as the server says, and nothing overtakes', async () => {
  const { client, server, online, pass } = makeClient()
  await online()
  let limited = true
  server.judge = () => (limited ? { code: 'rate_limited', retryAfterMs: 1_500 } : undefined)
  client.send(ops, { text: 'first' })
  client.send(ops, { text: 'second' })
  await server.run()
  limited = false
  await pass(1_499)
  expect(server.commands).toHaveLength(1)
  await pass(1)
  expect(texts(server.room().events)).toEqual(['first', 'second'])
})

test('[A10] a server that breaks at a command again and again fails it at last, and it may be tried later', async () => {
  const { client, server, online, pass, last } = makeClient()
  await online()
  server.judge = () => ({ code: 'internal' })
  client.send(ops, { text: 'x' })
  await server.run()
  await pass(120_000)
  expect(last()).toMatchObject({ state: { kind: 'failed', code: 'internal', retryable: true } })
  expect(server.commands).toHaveLength(5)
})

test('[A2] a command that is on the wire cannot be taken back', async () => {
  const { client, server, online } = makeClient()
  await online()
  const id = client.send(ops, { text: 'x' })
  await new Promise(setImmediate)
  expect(client.discard(ops, id)).toBe(false)
  await server.run()
  expect(texts(server.room().events)).toEqual(['x'])
})

test('[TXT1] text that no server would take is refused before it is stored', async () => {
  const { client, online } = makeClient()
  await online()
  const codeOf = (text: string) => {
    try {
      client.send(ops, { text })
      return undefined
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  expect(codeOf('x'.repeat(16_384))).toBeUndefined()
  expect(codeOf('x'.repeat(16_385))).toBe('too_large')
  expect(codeOf('a\u0000b')).toBe('invalid_command')
  expect(codeOf('')).toBe('invalid_command')
})

test('[B30] a storage that fails is told, and messages go all the same', async () => {
  const broken: OutboxStorage = {
    load: () => Promise.reject(new Error('quota')),
    put: () => Promise.reject(new Error('quota')),
    remove: () => Promise.reject(new Error('quota')),
  }
  const { client, server, online } = makeClient(undefined, { outbox: broken })
  await online()
  client.send(ops, { text: 'hi' })
  await server.run()
  expect(client.snapshot().storageFailed).toBe(true)
  expect(texts(server.room().events)).toEqual(['hi'])
})

test('[A1] edits, reactions, pins and deletions of mine show at once and stay when the log has them', async () => {
  const { client, server, online, items } = makeClient()
  await online()
  client.send(ops, { text: 'draft' })
  await server.run()
  const seq = 3 as Seq
  const item = () => items().find((one): one is MessageItem => one.kind === 'message' && one.seq === seq)
  client.edit(ops, seq, 'final')
  client.react(ops, seq, '👍')
  client.pin(ops, seq)
  expect(item()).toMatchObject({
    text: 'final',
    reactions: [{ emoji: '👍', users: [alice], mine: true }],
    pinned: true,
  })
  expect(item()?.changes.map(({ type }) => type)).toEqual(['edit', 'react', 'pin'])
  await server.run()
  expect(item()).toMatchObject({ text: 'final', reactions: [{ mine: true }], pinned: true, changes: [] })
  client.unreact(ops, seq, '👍')
  client.unpin(ops, seq)
  client.remove(ops, seq)
  expect(item()).toMatchObject({ text: '', deleted: true, reactions: [], pinned: false })
  await server.run()
  expect(item()).toMatchObject({ deleted: true, changes: [] })
})

test('[A10] a refused edit shows the old words again, with the reason beside them', async () => {
  const { client, server, online, items } = makeClient()
  server.say('theirs', { from: bob })
  await online()
  server.judge = () => ({ code: 'forbidden' })
  client.edit(ops, 3 as Seq, 'mine')
  await server.run()
  expect(items().at(-1)).toMatchObject({ text: 'theirs', changes: [{ type: 'edit', state: { code: 'forbidden' } }] })
})

test('[A2] an expired sign-in drops nothing; a sign-out does', async () => {
  const { client, server, online, ports, pass } = makeClient()
  await online()
  server.sessionEnded = 'session_ended'
  server.token++
  server.drop()
  client.send(ops, { text: 'kept' })
  await pass(500)
  expect(client.snapshot().session.kind).toBe('signed-out')
  expect(await ports.outbox.load(alice)).toHaveLength(1)
  server.sessionEnded = undefined
  const done = client.signIn({ username: 'alice', password: 'x' })
  await server.run()
  await done
  expect(texts(server.room().events)).toEqual(['kept'])
  server.drop()
  client.send(ops, { text: 'dropped' })
  const gone = client.signOut()
  await server.run()
  await gone
  expect(await ports.outbox.load(alice)).toEqual([])
})

test('[P4] whatever the network does, everything arrives once and in order', async () => {
  for (let seed = 1; seed <= 15; seed++) {
    const { client, server, online, pass, texts: shown } = makeClient()
    await online()
    const random = countingRandom()
    for (let at = 0; at < seed * 7; at++) random()
    const verdicts = ['lose', 'lose-before', undefined, undefined, { code: 'rate_limited', retryAfterMs: 300 }] as const
    server.judge = () => verdicts[Math.floor(random() * verdicts.length)]
    const sent: string[] = []
    for (let at = 0; at < 25; at++) {
      sent.push(`m${at}`)
      client.send(ops, { text: `m${at}` })
      if (random() < 0.4) await pass(Math.floor(random() * 1_000) + 1)
      if (random() < 0.2) server.drop()
      if (random() < 0.2) server.say('theirs', { lost: random() < 0.5 })
    }
    server.judge = () => undefined
    await pass(60_000)
    const mine = server.room().events.filter(({ from }) => from === alice)
    expect(texts(mine)).toEqual(sent)
    expect(shown()).toEqual(texts(server.room().events))
  }
})
