import { expect, test } from 'vitest'
import type { RoomId } from '../../../protocol/ids.ts'
import { defaultSettings } from '../../../protocol/room-settings.ts'
import type { RoomSummary } from './client-types.ts'
import { mayIn, slowModeLeft, whyNotWrite } from './may.ts'

const room = (fields: Partial<RoomSummary>): RoomSummary =>
  ({
    room: 'ops' as RoomId,
    kind: 'private',
    settings: defaultSettings('private'),
    archived: false,
    role: 'member',
    spokeAt: 0,
    ...fields,
  }) as RoomSummary

test('[MOD3] [SET3] the screen knows why nothing can be written, and when it can again', () => {
  expect(whyNotWrite(room({}))).toBeUndefined()
  expect(whyNotWrite(room({ mute: {} }))).toBe('muted')
  expect(whyNotWrite(room({ mute: { until: Date.now() - 1 } }))).toBeUndefined()
  expect(whyNotWrite(room({ mute: { until: Date.now() + 60_000 } }))).toBe('muted')
  expect(whyNotWrite(room({ archived: true }))).toBe('room_archived')
  expect(whyNotWrite(room({ role: 'reader' }))).toBe('forbidden')
})

test('[SET4] slow mode is counted down for members only, and never longer than the room says', () => {
  const slow = { ...defaultSettings('private'), slowMode: 30 }
  const left = (fields: Partial<RoomSummary>) => slowModeLeft(room({ settings: slow, ...fields }), 100_000)
  expect(left({})).toBe(0)
  expect(left({ spokeAt: 90_000 })).toBe(20_000)
  expect(left({ spokeAt: 60_000 })).toBe(0)
  expect(left({ spokeAt: 900_000 })).toBe(30_000) // the server's clock is ahead
  expect(left({ spokeAt: 90_000, role: 'admin' })).toBe(0)
})

test('[MOD1] [MOD5] only what the table allows is offered', () => {
  const may = (role: RoomSummary['role']) =>
    (['transfer', 'ban', 'mute', 'change-permissions'] as const).map((action) =>
      mayIn(room({ role }), action, { target: 'member' }),
    )
  expect(may('owner')).toEqual([true, true, true, true])
  expect(may('admin')).toEqual([false, true, true, false])
  expect(may('member')).toEqual([false, false, false, false])
})
