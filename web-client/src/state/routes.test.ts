import { describe, expect, test } from 'vitest'
import type { RoomId } from '../../../protocol/ids.ts'
import {
  adminPath,
  detailsPath,
  messagePath,
  newPath,
  parentPath,
  parseRoute,
  roomPath,
  settingsPath,
} from './routes.ts'

const room = 'ops' as RoomId

describe('routes', () => {
  test('[S1] every path that is built is read back', () => {
    expect(parseRoute('/')).toEqual({ name: 'rooms' })
    expect(parseRoute(roomPath(room))).toEqual({ name: 'room', room, details: false })
    expect(parseRoute(messagePath(room, 7))).toEqual({ name: 'room', room, seq: 7, details: false })
    expect(parseRoute(detailsPath(room))).toEqual({ name: 'room', room, details: true })
    expect(parseRoute(newPath('browse'))).toEqual({ name: 'new', section: 'browse' })
    expect(parseRoute(settingsPath('tokens'))).toEqual({ name: 'settings', section: 'tokens' })
    expect(parseRoute('/signin')).toEqual({ name: 'sign-in' })
    expect(parseRoute('/forgot')).toEqual({ name: 'forgot' })
    expect(parseRoute('/reset/a-token_1')).toEqual({ name: 'reset', token: 'a-token_1' })
    expect(parseRoute('/verify/a-token_1')).toEqual({ name: 'verify', token: 'a-token_1' })
    expect(parseRoute('/settings')).toEqual({ name: 'settings', section: 'profile' })
    expect(parseRoute('/admin')).toEqual({ name: 'admin', section: 'reports' })
    expect(parseRoute(adminPath('audit'))).toEqual({ name: 'admin', section: 'audit' })
  })

  test.each([
    '/x',
    '/r',
    '/r/Not-A-Room',
    '/r/ops/m/0',
    '/r/ops/m/x',
    '/settings/x',
    '/admin/x',
    '/r/ops/details/x',
    '/reset',
    '/verify/',
    '/reset/a/b',
    '//',
  ])('[S1] %s names nothing', (path) => expect(parseRoute(path)).toEqual({ name: 'unknown' }))

  test('[S3] back leads one step out', () => {
    expect(parentPath(parseRoute(detailsPath(room)))).toBe(roomPath(room))
    expect(parentPath(parseRoute(roomPath(room)))).toBe('/')
  })
})
