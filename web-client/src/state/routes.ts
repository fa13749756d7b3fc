import { isRoomId, type RoomId } from '../../../protocol/ids.ts'

export type SettingsSection = 'profile' | 'privacy' | 'security' | 'sessions' | 'tokens' | 'appearance' | 'data'
export type AdminSection = 'reports' | 'users' | 'rooms' | 'invites' | 'audit' | 'status'
export type NewSection = 'people' | 'room' | 'browse'
/** What somebody unknown does about a link: makes an account, or signs in. */
export type InviteStep = 'signup' | 'signin'
export type Route =
  | { name: 'rooms' }
  | { name: 'room'; room: RoomId; seq?: number; details: boolean }
  | { name: 'new'; section: NewSection }
  | { name: 'settings'; section: SettingsSection }
  | { name: 'admin'; section: AdminSection }
  | { name: 'invite'; code: string; step?: InviteStep }
  | { name: 'sign-in' }
  | { name: 'sign-up' }
  | { name: 'forgot' }
  | { name: 'goodbye' }
  | { name: 'reset'; token: string }
  | { name: 'verify'; token: string }
  | { name: 'unknown' }

const NEW_SECTIONS: readonly string[] = ['people', 'room', 'browse'] satisfies NewSection[]
const SETTINGS: readonly string[] = [
  'profile',
  'privacy',
  'security',
  'sessions',
  'tokens',
  'appearance',
  'data',
] satisfies SettingsSection[]

const ADMIN: readonly string[] = ['reports', 'users', 'rooms', 'invites', 'audit', 'status'] satisfies AdminSection[]

export const roomPath = (room: RoomId): string => `/r/${room}`
export const messagePath = (room: RoomId, seq: number): string => `/r/${room}/m/${seq}`
export const detailsPath = (room: RoomId): string => `/r/${room}/details`
export const newPath = (section: NewSection): string => `/new/${section}`
export const settingsPath = (section: SettingsSection): string => `/settings/${section}`
export const adminPath = (section: AdminSection): string => `/admin/${section}`

export const invitePath = (code: string, step?: InviteStep): string => `/invite/${code}${step ? `/${step}` : ''}`

/** The view that a path names; never throws. */
export function parseRoute(path: string): Route {
  const [first = '', second, third, fourth, rest] = path.split('/').slice(1)
  if (rest !== undefined) return { name: 'unknown' }
  if (first === '' && second === undefined) return { name: 'rooms' }
  if (first === 'signin' && second === undefined) return { name: 'sign-in' }
  if (first === 'signup' && second === undefined) return { name: 'sign-up' }
  if (first === 'goodbye' && second === undefined) return { name: 'goodbye' }
  if (first === 'forgot' && second === undefined) return { name: 'forgot' }
  if ((first === 'reset' || first === 'verify') && second && third === undefined) return { name: first, token: second }
  if (first === 'invite' && second !== undefined && /^[\w-]{1,64}$/.test(second) && fourth === undefined) {
    if (third === undefined) return { name: 'invite', code: second }
    if (third === 'signup' || third === 'signin') return { name: 'invite', code: second, step: third }
  }
  if (first === 'r' && isRoomId(second)) {
    if (third === undefined) return { name: 'room', room: second, details: false }
    if (third === 'details' && fourth === undefined) return { name: 'room', room: second, details: true }
    const seq = third === 'm' ? Number(fourth) : Number.NaN
    if (Number.isSafeInteger(seq) && seq > 0) return { name: 'room', room: second, seq, details: false }
  }
  if (first === 'new' && third === undefined && NEW_SECTIONS.includes(second ?? 'people')) {
    return { name: 'new', section: (second ?? 'people') as NewSection }
  }
  if (first === 'settings' && third === undefined && SETTINGS.includes(second ?? 'profile')) {
    return { name: 'settings', section: (second ?? 'profile') as SettingsSection }
  }
  if (first === 'admin' && third === undefined && ADMIN.includes(second ?? 'reports')) {
    return { name: 'admin', section: (second ?? 'reports') as AdminSection }
  }
  return { name: 'unknown' }
}

/** Where Back leads when there is no earlier entry of ours in the history of the browser. */
export function parentPath(route: Route): string {
  return route.name === 'room' && (route.details || route.seq !== undefined) ? roomPath(route.room) : '/'
}
