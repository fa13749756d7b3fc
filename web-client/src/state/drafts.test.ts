import { describe, expect, test } from 'vitest'
import type { RoomId, Seq, UserId } from '../../../protocol/ids.ts'
import { createDrafts } from './drafts.ts'
import { createNotices } from './notices.ts'

const room = 'ops' as RoomId
const ana = 'ana' as UserId

/** Time that stands still until it is told to go on. */
function fakeClock() {
  let now = 0
  let timers: { at: number; run: () => void }[] = []
  return {
    now: () => now,
    setTimeout(run: () => void, ms: number) {
      const timer = { at: now + ms, run }
      timers.push(timer)
      return timer
    },
    clearTimeout(handle: unknown) {
      timers = timers.filter((timer) => timer !== handle)
    },
    advance(ms: number) {
      now += ms
      for (const timer of timers.filter(({ at }) => at <= now)) {
        timers = timers.filter((other) => other !== timer)
        timer.run()
      }
    },
  }
}

function keptStrings() {
  const kept = new Map<string, string>()
  return {
    kept,
    get: (key: string) => kept.get(key),
    set: (key: string, value: string | undefined) =>
      void (value === undefined ? kept.delete(key) : kept.set(key, value)),
    keys: (prefix: string) => [...kept.keys()].filter((key) => key.startsWith(prefix)),
  }
}

describe('drafts', () => {
  test('[C3] are kept within 500 ms, with what they answer, and found again', () => {
    const [storage, clock] = [keptStrings(), fakeClock()]
    const drafts = createDrafts(storage, clock)
    drafts.use(ana)
    drafts.set(room, { text: 'half', replyTo: 7 as Seq })
    clock.advance(500)
    const later = createDrafts(storage, clock)
    later.use(ana)
    expect(later.all.value.get(room)).toEqual({ text: 'half', replyTo: 7 })
  })

  test('[C3] of another person are not shown, and go with a sign-out', () => {
    const [storage, clock] = [keptStrings(), fakeClock()]
    const drafts = createDrafts(storage, clock)
    drafts.use(ana)
    drafts.set(room, { text: 'half' })
    drafts.use('bob' as UserId)
    expect(drafts.all.value.size).toBe(0)
    drafts.use(ana)
    expect(drafts.all.value.get(room)?.text).toBe('half')
    drafts.clear()
    expect(storage.kept.size).toBe(0)
  })

  test('an empty draft is none, and broken ones are passed over', () => {
    const [storage, clock] = [keptStrings(), fakeClock()]
    storage.set('draft:ana:ops', '{"text":')
    const drafts = createDrafts(storage, clock)
    drafts.use(ana)
    expect(drafts.all.value.size).toBe(0)
    drafts.set(room, { text: ' ' })
    drafts.flush()
    expect(storage.get('draft:ana:ops')).toBeUndefined()
  })
})

describe('notices', () => {
  test('[T3] one at a time, for 6 s, longer while somebody looks', () => {
    const clock = fakeClock()
    const notices = createNotices(clock)
    notices.show('one')
    notices.show('two')
    clock.advance(5_000)
    notices.hold()
    clock.advance(60_000)
    expect(notices.current.value?.text).toBe('two')
    notices.release()
    clock.advance(6_000)
    expect(notices.current.value).toBeUndefined()
  })

  test('[R13] what can be undone happens when the notice goes, at once when another comes, and not when it is undone', () => {
    const clock = fakeClock()
    const notices = createNotices(clock)
    const done: string[] = []
    const undo = { name: 'Undo', run: () => void done.push('undone') }
    notices.show('a', undo, () => void done.push('a'))
    notices.show('b', undo, () => void done.push('b'))
    expect(done).toEqual(['a'])
    clock.advance(6_000)
    expect(done).toEqual(['a', 'b'])
    notices.show('c', undo, () => void done.push('c'))
    notices.act()
    clock.advance(60_000)
    expect(done).toEqual(['a', 'b', 'undone'])
  })
})
