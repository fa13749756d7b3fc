import type { UserId } from '../../../../protocol/ids.ts'
import type { Presence, Receipt } from '../../../../protocol/presence.ts'
import type { RoomSummary, UserSummary } from '../../state/client-types.ts'
import { summaryState } from '../../state/message-state.ts'
import { noticeText } from '../../state/notice-text.ts'
import { nameIn, typingText } from '../../state/people.ts'
import { roomPath } from '../../state/routes.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Icon } from '../../ui/icon.tsx'
import { plainText } from '../../ui/markdown.ts'
import { PureComponent } from '../../ui/pure-component.ts'
import { fullTime, rowTime } from '../../ui/times.ts'
import { StateIcon } from '../room/state-icon.tsx'

type Props = {
  summary: RoomSummary
  current: boolean
  me: UserId | undefined
  blocked: ReadonlySet<UserId>
  users: ReadonlyMap<UserId, UserSummary>
  presence: Presence | undefined
  receipts: ReadonlyMap<UserId, Receipt> | undefined
  draft: string | undefined
  now: number
}

/** One conversation of the list ([L1]). */
export class RoomRow extends PureComponent<Props> {
  override render({ summary, current, me, presence, receipts, now }: Props) {
    const { room, name, unread, mentions, kind, activeAt } = summary
    const state = me === undefined ? undefined : summaryState(summary, me, receipts)
    return (
      <a class="room-row" href={roomPath(room)} data-room={room} aria-current={current ? 'page' : undefined}>
        <Avatar
          id={summary.peer ?? room}
          name={name}
          shape={kind === 'direct' ? 'person' : 'room'}
          picture={summary.peer && this.props.users.get(summary.peer)?.avatar}
          presence={presence}
        />
        <span class="room-text">
          <span class="room-line">
            <span class="room-name">
              <span class="truncate" dir="auto">
                {name}
              </span>
              {kind === 'private' && <Icon name="people" small label="Private" />}
            </span>
            <time class="room-time" dateTime={new Date(activeAt).toISOString()} title={fullTime(activeAt)}>
              {rowTime(activeAt, now)}
            </time>
          </span>
          <span class="room-line">
            {this.renderLine()}
            <span class="room-marks" data-state={state}>
              {mentions > 0 && (
                <span class="badge">
                  <span aria-hidden="true">@</span>
                  <span class="visually-hidden">, {mentions === 1 ? '1 mention' : `${mentions} mentions`}</span>
                </span>
              )}
              {unread > 0 ? (
                <span class="badge">
                  {unread > 999 ? '999+' : unread}
                  <span class="visually-hidden"> unread</span>
                </span>
              ) : (
                state && <StateIcon state={state} />
              )}
            </span>
          </span>
        </span>
      </a>
    )
  }

  renderLine() {
    const { summary, current, draft, me, users, blocked } = this.props
    const { last, typing, unread, kind } = summary
    if (typing.length > 0) {
      const names = typing.map((user) => nameIn(users, user))
      return (
        <span class="room-last truncate" data-kind="typing">
          {kind === 'direct' ? 'typing…' : typingText(names)}
        </span>
      )
    }
    if (draft && !current) {
      return (
        <span class="room-last truncate" dir="auto">
          <strong>Draft:</strong> {plainText(draft)}
        </span>
      )
    }
    const isFolded = kind !== 'direct' && last?.type === 'message' && blocked.has(last.from)
    return (
      <span class="room-last truncate" dir="auto" data-unread={unread > 0}>
        {isFolded
          ? 'Message of a person you blocked'
          : last
            ? lastLine(last, kind, me, (user) => nameIn(users, user))
            : 'No messages yet'}
      </span>
    )
  }
}

function lastLine(
  last: NonNullable<RoomSummary['last']>,
  kind: RoomSummary['kind'],
  me: UserId | undefined,
  nameOf: (user: UserId) => string,
): string {
  switch (last.type) {
    case 'message': {
      const author = last.from === me ? 'You' : nameOf(last.from)
      // A deleted message keeps its place in the log, without its text.
      const text = last.text ? plainText(last.text) : 'Message deleted'
      return kind === 'direct' && last.from !== me ? text : `${author}: ${text}`
    }
    case 'edited':
      return `${nameOf(last.from)}: ${plainText(last.text)}`
    case 'deleted':
      return 'Message deleted'
    case 'reacted':
      return `${last.from === me ? 'You' : nameOf(last.from)} reacted ${last.emoji}`
    case 'unreacted':
      return `${last.from === me ? 'You' : nameOf(last.from)} took a reaction back`
    case 'pinned':
      return `${nameOf(last.from)} pinned a message`
    case 'unpinned':
      return `${nameOf(last.from)} unpinned a message`
    default:
      return noticeText(last, nameOf)
  }
}
