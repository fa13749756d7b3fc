import type { Role } from '../../../protocol/events.ts'
import type { UserId } from '../../../protocol/ids.ts'
import type { NoticeItem } from './client-types.ts'

const ROLE_NAMES: Record<Role, string> = {
  owner: 'an owner',
  admin: 'an admin',
  member: 'a member',
  reader: 'a reader',
}

/** One line for a change of a room or its members ([R20]). */
export function noticeText(event: NoticeItem['event'], nameOf: (user: UserId) => string): string {
  const by = nameOf(event.from)
  switch (event.type) {
    case 'created':
      return event.changes.kind === 'direct' ? `${by} started this conversation` : `${by} created the room`
    case 'joined':
      return event.user === event.from ? `${by} joined` : `${by} added ${nameOf(event.user)}`
    case 'left':
      return `${by} left`
    case 'removed':
      return `${by} removed ${nameOf(event.user)}${because(event)}`
    case 'banned':
      return `${by} banned ${nameOf(event.user)}${because(event)}`
    case 'unbanned':
      return `${by} lifted the ban of ${nameOf(event.user)}`
    case 'muted':
      return `${by} muted ${nameOf(event.user)}${because(event)}`
    case 'unmuted':
      return `${by} let ${nameOf(event.user)} write again`
    case 'role':
      return `${by} made ${nameOf(event.user)} ${ROLE_NAMES[event.role]}`
    case 'changed': {
      const { name, topicLine, settings, archived } = event.changes
      if (archived !== undefined) return archived ? `${by} archived the room` : `${by} brought the room back`
      if (name !== undefined) return `${by} renamed the room to “${name}”`
      if (topicLine === '') return `${by} removed the topic`
      if (topicLine !== undefined) return `${by} set the topic to “${topicLine}”`
      if (settings?.permissions.write === 'admin') return `${by} changed the settings: only admins write`
      return settings?.history === 'since_joining'
        ? `${by} changed the settings: new members do not see what was before`
        : `${by} changed the settings of the room`
    }
  }
}

const because = ({ reason }: { reason?: string }): string => (reason === undefined ? '' : `: ${reason}`)

/** What more than three in a row come to. */
export function noticeSummary(items: readonly NoticeItem[]): string {
  const joined = items.filter(({ event }) => event.type === 'joined').length
  const gone = items.filter(({ event }) => event.type === 'left' || event.type === 'removed').length
  if (joined === items.length) return `${joined} people joined`
  if (gone === items.length) return `${gone} people left`
  return `${items.length} changes in the room`
}
