import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChatEvent, EventDraft } from '../../protocol/events.ts'
import type { CommandId, RoomId, Seq } from '../../protocol/ids.ts'
import { DUP_WINDOW_MS } from '../../protocol/limits.ts'
import { type ArchivedEvent, openStore, type Store } from '../index.ts'
import { AT, addUsers, deviceId, join, makeRoom, message, roomId, say, userId } from '../test/fixtures.ts'
import type { OpenStore } from '../test/on-each-server.ts'
import type { TestStore } from '../test/open-test-store.ts'

const [alice, bob] = [userId('alice'), userId('bob')]
const commandId = (text: string) => text as CommandId
const seqs = (events: readonly { seq: number }[]) => events.map(({ seq }) => seq)
const upTo = (length: number, first = 1) => Array.from({ length }, (_, place) => first + place)

export function describeArchive(open: OpenStore): void {
  describe('archive: writing', () => {
    let store: TestStore
    let other: Store
    const committed: ArchivedEvent[] = []
    const problems: string[] = []

    beforeAll(async () => {
      store = await open({ log: (level, text) => level === 'error' && problems.push(text) })
      other = await openStore({ database: { driver: 'url', url: store.url } })
      store.archive.onCommitted((events) => committed.push(...events))
      await addUsers(store, alice, bob)
    })
    afterAll(async () => {
      await other.close()
      await store.close()
    })

    const log = async (room: RoomId): Promise<ChatEvent[]> =>
      (await store.archive.page({ room, limit: 10_000 })).messages

    it('[P2] two nodes, many rooms, messages and changes mixed: every room is 1, 2, 3, ... in the order of calls', async () => {
      const rooms = upTo(12).map((place) => roomId(`busy-${place}`))
      for (const room of rooms) await makeRoom(store, room, [alice])
      const work: Promise<unknown>[] = []
      for (const count of upTo(150)) {
        for (const [name, node] of Object.entries({ store, other })) {
          for (const room of rooms) {
            work.push(node.archive.append({ room, draft: message(alice, `${name} ${count}`) }))
          }
          const room = rooms[count % rooms.length] as RoomId
          const changes = { topicLine: `${name} ${count}` }
          work.push(
            node.archive.appendWith(room, async (transaction) => {
              await node.rooms.patch(transaction, room, changes, AT)
              return [{ type: 'changed', from: alice, at: AT, changes }]
            }),
          )
        }
      }
      await Promise.all(work)
      for (const room of rooms) {
        const events = await log(room)
        expect(seqs(events)).toEqual(upTo(events.length))
        expect((await store.rooms.get(room))?.head).toBe(events.length)
        for (const node of ['store', 'other']) {
          const said = events.flatMap((event) => (event.type === 'message' ? [event.text] : []))
          expect(said.filter((text) => text.startsWith(node))).toEqual(upTo(150).map((count) => `${node} ${count}`))
        }
      }
      const lengths = await Promise.all(rooms.map(async (room) => (await log(room)).length))
      expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(12 * 2 + 2 * 150 * 13)
      expect(await store.archive.heads([...rooms, roomId('none')])).toEqual(
        new Map(rooms.map((room, place) => [room, lengths[place]])),
      )
    })

    it('[P1] every commit is told once, in seq order, before its senders hear of it', async () => {
      const room = roomId('told')
      await makeRoom(store, room, [alice])
      const events = await Promise.all(
        upTo(200).map(async (count) => {
          const { event } = await store.archive.append({ room, draft: message(alice, `${count}`) })
          expect(committed).toContain(event)
          return event
        }),
      )
      expect(seqs(committed.filter((event) => event.room === room))).toEqual(upTo(202))
      expect(seqs(events)).toEqual(upTo(200, 3))
      expect(events[0]).toMatchObject({ room, json: JSON.stringify(message(alice, '1')) })
      expect(await store.archive.read(room, 2, 1)).toEqual([events[0]])
    })

    it('[P2] a room that does not exist takes nothing, and its neighbours in the batch are not hurt', async () => {
      const room = roomId('there')
      await makeRoom(store, room, [alice])
      const results = await Promise.allSettled(
        [room, roomId('not-there'), room].map((to) => store.archive.append({ room: to, draft: message(alice, 'hi') })),
      )
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(results[1]).toMatchObject({ reason: { code: 'room_not_found' } })
      expect(seqs(await log(room))).toEqual([1, 2, 3, 4])
    })

    it('[P2] an event that the database refuses is refused alone', async () => {
      const room = roomId('poisoned')
      await makeRoom(store, room, [alice])
      const texts = ['one', 'two', 'three']
      const results = await Promise.allSettled(
        texts.map((text) => {
          const at = text === 'two' ? Number.NaN : AT
          return store.archive.append({ room, draft: message(alice, text, { at }) })
        }),
      )
      expect(results[1]).toMatchObject({ status: 'rejected', reason: { code: 'internal' } })
      expect((await log(room)).slice(2)).toMatchObject([{ text: 'one' }, { text: 'three' }])
      expect(problems.splice(0)).toEqual(['an event was refused by the database'])
    })

    it('[P7] NUL and lone surrogates are refused at the door; their look-alikes are text', async () => {
      const room = roomId('odd')
      await makeRoom(store, room, [alice])
      for (const data of ['\u0000', '\ud800', 'x\\\u0000', '\udfff']) {
        const refused = store.archive.append({ room, draft: message(alice, 'hi', { data }) })
        await expect(refused).rejects.toMatchObject({ code: 'invalid_command' })
      }
      const data = ['\\u0000', '\\\\ud800', '😀', '\u0001']
      const { event } = await store.archive.append({ room, draft: message(alice, '\\u0000 "\'$$', { data }) })
      expect(await store.archive.find(room, event.seq)).toMatchObject({ text: '\\u0000 "\'$$', data })
    })

    it('[P4] the same command id gives the same event: again, at once, through another node, with other content', async () => {
      const room = roomId('once')
      await makeRoom(store, room, [alice, bob])
      const send = (text: string, node: Store = store, from = alice, id = 'c "1"') =>
        node.archive.append({ room, draft: message(from, text, { id: commandId(id) }), commandId: commandId(id) })
      const first = await send('hi')
      expect(first).toMatchObject({ duplicate: false, event: { seq: 4 } })
      for (const again of await Promise.all([send('hi'), send('other'), send('hi', other), send('hi', other)])) {
        expect(again).toEqual({ event: first.event, duplicate: true })
      }
      const race = await Promise.all([0, 1, 2, 3].map((count) => send('x', count % 2 ? other : store, alice, 'c2')))
      expect(race.filter(({ duplicate }) => !duplicate)).toHaveLength(1)
      expect(new Set(race.map(({ event }) => event.seq))).toEqual(new Set([5]))
      expect(await send('mine', store, bob)).toMatchObject({ duplicate: false })
      expect(await log(room)).toHaveLength(6)
    })

    it('[P4] a retransmission is the same device, packet id and payload with DUP, within five minutes', async () => {
      const room = roomId('dup')
      await makeRoom(store, room, [alice])
      type Sent = {
        device?: string
        packetId?: number
        dup?: boolean
        payloadHash?: string
        later?: number
        to?: RoomId
      }
      const send = async ({
        device = 'd1',
        packetId = 7,
        dup = true,
        payloadHash = 'h1',
        later = 0,
        to = room,
      }: Sent) => {
        const transmission = { device: deviceId(device), packetId, dup, payloadHash }
        const draft = message(alice, 'hi', { at: AT + later })
        const { event, duplicate } = await store.archive.append({ room: to, draft, transmission })
        return duplicate ? -event.seq : event.seq
      }
      expect(await send({})).toBe(3) // DUP of something that never came
      expect(await send({})).toBe(-3)
      expect(await send({ dup: false })).toBe(4) // the packet id is used again
      expect(await send({})).toBe(-4)
      expect(await send({ payloadHash: 'h2' })).toBe(5)
      expect(await send({ device: 'd2', payloadHash: 'h2' })).toBe(6)
      expect(await send({ packetId: 8, payloadHash: 'h2' })).toBe(7)
      expect(await send({ payloadHash: 'h2', later: DUP_WINDOW_MS - 1 })).toBe(-5)
      expect(await send({ payloadHash: 'h2', later: DUP_WINDOW_MS })).toBe(8)
      expect(await Promise.all([send({ dup: false, payloadHash: 'h3' }), send({ payloadHash: 'h3' })])).toEqual([9, -9])
    })

    it('[P2] a change that fails leaves nothing and holds up nobody', async () => {
      const room = roomId('changes')
      await makeRoom(store, room, [alice])
      const failing = store.archive.appendWith(room, async (transaction) => {
        await store.rooms.patch(transaction, room, { name: 'never' }, AT)
        throw new RangeError('no')
      })
      const after = say(store, room, alice, 'after')
      await expect(failing).rejects.toThrow(RangeError)
      expect(await after).toEqual([3])
      expect((await store.rooms.get(room))?.name).toBe('Room changes')
      const events = await store.archive.appendWith(room, async () => [
        message(alice, 'a'),
        { type: 'pinned', from: alice, at: AT, target: 3 as Seq },
      ])
      expect(seqs(events)).toEqual([4, 5])
      expect(await store.archive.appendWith(room, async () => [])).toEqual([])
    })

    it('[EVT] a deleted message keeps its place and loses its content, that of its edits too', async () => {
      const room = roomId('erased')
      await makeRoom(store, room, [alice])
      const [target = 0, neighbour = 0] = (await say(store, room, alice, 'secret', 'stays')) as Seq[]
      const append = (draft: EventDraft, id?: string) =>
        store.archive.append({ room, draft, ...(id !== undefined && { commandId: commandId(id) }) })
      await append({ type: 'edited', from: alice, at: AT, target: target as Seq, text: 'still secret' })
      await append({ type: 'deleted', from: alice, at: AT, target: target as Seq }, 'del')
      await append({ type: 'deleted', from: alice, at: AT, target: neighbour as Seq }, 'del')
      expect((await log(room)).slice(2)).toEqual([
        { seq: 3, type: 'message', from: alice, at: AT, text: '', deleted: true },
        { seq: 4, type: 'message', from: alice, at: AT, text: 'stays' },
        { seq: 5, type: 'edited', from: alice, at: AT, target: 3, text: '', deleted: true },
        { seq: 6, type: 'deleted', from: alice, at: AT, target: 3 },
      ])
    })
  })

  describe('archive: reading', () => {
    let store: TestStore
    const room = roomId('read')
    const empty = roomId('quiet')
    beforeAll(async () => {
      store = await open()
      await addUsers(store, alice, bob)
      await makeRoom(store, room, [alice])
      await say(store, room, alice, ...upTo(18, 3).map((seq) => `m${seq}`)) // head 20
      await makeRoom(store, empty, [])
    })
    afterAll(() => store.close())

    it('[P3] pages lead through the whole log in either direction', async () => {
      const page = async (query: { after?: number; before?: number; limit: number; from?: number }) => {
        const { messages, head, epoch, more } = await store.archive.page({ room, ...query })
        expect({ head, epoch }).toEqual({ head: 20, epoch: 1 })
        return [seqs(messages), more]
      }
      expect(await page({ limit: 3 })).toEqual([[18, 19, 20], true])
      expect(await page({ limit: 20 })).toEqual([upTo(20), false])
      expect(await page({ before: 4, limit: 2 })).toEqual([[2, 3], true])
      expect(await page({ before: 4, limit: 3 })).toEqual([[1, 2, 3], false])
      expect(await page({ before: 1, limit: 3 })).toEqual([[], false])
      expect(await page({ after: 0, limit: 2 })).toEqual([[1, 2], true])
      expect(await page({ after: 18, limit: 2 })).toEqual([[19, 20], false])
      expect(await page({ after: 20, limit: 2 })).toEqual([[], false])
      expect(await page({ after: 99, limit: 2 })).toEqual([[], false])
      await expect(store.archive.page({ room: roomId('none'), limit: 1 })).rejects.toMatchObject({
        code: 'room_not_found',
      })
    })

    it('[P6] nothing before `from` is shown', async () => {
      const page = async (query: { after?: number; before?: number; limit: number }) => {
        const { messages, more } = await store.archive.page({ room, ...query, from: 18 })
        return [seqs(messages), more]
      }
      expect(await page({ limit: 2 })).toEqual([[19, 20], true])
      expect(await page({ limit: 9 })).toEqual([[18, 19, 20], false])
      expect(await page({ before: 18, limit: 9 })).toEqual([[], false])
      expect(await page({ after: 3, limit: 2 })).toEqual([[18, 19], true])
      const caught = await store.archive.catchUp([{ room, after: 0, from: 19 }], 9)
      expect(seqs(caught.get(room)?.messages ?? [])).toEqual([19, 20])
    })

    it('[P3] catching up answers for every room that exists, in one page each', async () => {
      await join(store, empty, bob)
      const caught = await store.archive.catchUp(
        [
          { room, after: 15 },
          { room: empty, after: 2 },
          { room: roomId('none'), after: 0 },
        ],
        3,
      )
      expect([...caught.keys()].sort()).toEqual([empty, room])
      const { messages, head, more } = caught.get(room) ?? {}
      expect([seqs(messages ?? []), head, more]).toEqual([[16, 17, 18], 20, true])
      expect(caught.get(empty)).toEqual({ messages: [], related: [], head: 2, epoch: 1, more: false })
      expect(await store.archive.catchUp([], 10)).toEqual(new Map())
    })

    it('[P7] catching up is bounded over all rooms; those left out say that there is more', async () => {
      const rooms = upTo(3).map((place) => roomId(`long-${place}`))
      for (const long of rooms) {
        await makeRoom(store, long, [alice])
        await say(store, long, alice, ...upTo(2_000).map((count) => `m${count}`))
      }
      const caught = await store.archive.catchUp(
        rooms.map((long) => ({ room: long, after: 2 })),
        5_000,
      )
      expect(rooms.map((long) => caught.get(long)?.messages.length)).toEqual([2_000, 2_000, 1_000])
      expect(rooms.map((long) => caught.get(long)?.more)).toEqual([false, false, true])
      const next = await store.archive.catchUp(
        rooms.map((long) => ({ room: long, after: 0 })),
        2_500,
      )
      expect(rooms.map((long) => next.get(long)?.more)).toEqual([false, false, true])
    })

    it('[P3] a page brings the last word on its events from outside it', async () => {
      const about = roomId('about')
      await makeRoom(store, about, [alice, bob])
      const [target = 0, second = 0] = (await say(store, about, alice, 'm4', 'm5')) as Seq[]
      const fact = { from: alice, at: AT, target: target as Seq }
      const drafts: EventDraft[] = [
        { type: 'reacted', ...fact, emoji: '👍' }, // 6, taken back by 7
        { type: 'unreacted', ...fact, emoji: '👍' },
        { type: 'reacted', ...fact, from: bob, emoji: '👍' }, // 8
        { type: 'reacted', ...fact, emoji: '🎉' }, // 9
        { type: 'edited', ...fact, text: 'a' }, // 10, followed by 11
        { type: 'edited', ...fact, text: 'b' },
        { type: 'pinned', ...fact }, // 12, taken back by 13
        { type: 'unpinned', ...fact },
        { type: 'edited', from: alice, at: AT, target: second as Seq, text: 'c' }, // 14
      ]
      for (const draft of drafts) await store.archive.append({ room: about, draft })
      const related = async (query: { after?: number; before?: number; limit: number }) =>
        seqs((await store.archive.page({ room: about, ...query })).related)
      expect(await related({ before: 5, limit: 1 })).toEqual([7, 8, 9, 11, 13])
      expect(await related({ before: 6, limit: 2 })).toEqual([7, 8, 9, 11, 13, 14])
      expect(await related({ limit: 20 })).toEqual([])
      expect(await related({ after: 3, limit: 4 })).toEqual([8, 9, 11, 13, 14])
      const caught = await store.archive.catchUp([{ room: about, after: 4 }], 1)
      expect(caught.get(about)).toMatchObject({ messages: [{ seq: 5 }], related: [{ seq: 14, text: 'c' }] })
    })

    it('finds single events and reads ranges ready for fan-out', async () => {
      expect(await store.archive.find(room, 20)).toEqual({ seq: 20, type: 'message', from: alice, at: AT, text: 'm20' })
      expect(await store.archive.find(room, 21)).toBeUndefined()
      expect(await store.archive.find(room, 0)).toBeUndefined()
      const events = await store.archive.read(room, 17, 2)
      expect(seqs(events)).toEqual([18, 19])
      expect(events[0]).toMatchObject({
        room,
        draft: message(alice, 'm18'),
        json: JSON.stringify(message(alice, 'm18')),
      })
    })

    it('tells what it has done', () => {
      const { queued, queuedBytes, commits, events, lastCommitMs } = store.archive.stats()
      expect([queued, queuedBytes]).toEqual([0, 0])
      expect(events).toBeGreaterThan(commits)
      expect(lastCommitMs).toBeGreaterThan(0)
    })
  })
}
