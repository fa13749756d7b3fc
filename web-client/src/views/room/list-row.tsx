import type { UserId } from '../../../../protocol/ids.ts'
import type { App } from '../../state/app.ts'
import type { OpenRoom, UserSummary } from '../../state/client-types.ts'
import { mayIn } from '../../state/may.ts'
import { countReaders, messageState } from '../../state/message-state.ts'
import { nameIn } from '../../state/people.ts'
import { findMessage, type RoomModel } from '../../state/room-model.ts'
import type { Row } from '../../state/rows.ts'
import { dayName } from '../../ui/times.ts'
import type { ListHandlers } from './list-handlers.ts'
import { MessageRow } from './message-row.tsx'
import { NoticesRow } from './notices-row.tsx'

type Props = {
  row: Row
  open: OpenRoom | undefined
  users: ReadonlyMap<UserId, UserSummary>
  model: RoomModel
  app: App
  handlers: ListHandlers
  active: boolean
  tabbable: boolean
  target: boolean
  vanishing: boolean
}

const NO_RECEIPTS: OpenRoom['receipts'] = new Map()

/** Resolves a row to plain values, so that a message is drawn again only when one of them changes. */
export function ListRow({ row, open, users, model, app, handlers, ...marks }: Props) {
  switch (row.kind) {
    case 'day':
      return (
        <li class="day">
          <time dateTime={new Date(row.at).toISOString().slice(0, 10)}>{dayName(row.at, Date.now())}</time>
        </li>
      )
    case 'new':
      return <li class="new-line">New messages</li>
    case 'gap':
      return (
        <li class="system">
          <button
            type="button"
            class="button"
            aria-disabled={row.item.loading}
            onClick={() => handlers.loadGap(row.item.after)}
          >
            {row.item.loading ? 'Loading…' : `Load what was missed (${row.item.missing})`}
          </button>
        </li>
      )
    case 'folded':
      return (
        <li class="system" data-key={row.key} tabIndex={-1}>
          {row.items.length === 1
            ? '1 message of a person you blocked'
            : `${row.items.length} messages of people you blocked`}
          {' · '}
          <button type="button" class="link-button" onClick={() => model.unfold(row.items.map(({ key }) => key))}>
            Show
          </button>
        </li>
      )
    case 'notices':
      return <NoticesRow row={row} users={users} />
    case 'message': {
      const { item } = row
      const mine = item.kind === 'pending' || item.mine
      const quoted = item.replyTo === undefined ? undefined : findMessage(open, item.replyTo)
      const receipts = open?.receipts ?? NO_RECEIPTS
      const room = open?.summary
      const takesPart = room !== undefined && mayIn(room, 'take-part')
      return (
        <MessageRow
          item={item}
          first={row.first}
          last={row.last}
          mine={mine}
          direct={open?.summary.kind === 'direct'}
          author={nameIn(users, item.from)}
          picture={users.get(item.from)?.avatar}
          quoted={quoted}
          quotedAuthor={quoted && nameIn(users, quoted.from)}
          mentionsMe={item.kind === 'message' && item.mentions.includes(app.me.peek()?.id ?? ('' as UserId))}
          mayWrite={room !== undefined && mayIn(room, 'write')}
          mayTakePart={takesPart}
          mayRemove={takesPart && (mine || (room !== undefined && mayIn(room, 'delete-others')))}
          state={mine ? messageState(item, receipts) : undefined}
          readers={mine ? countReaders(item, receipts) : 0}
          model={model}
          app={app}
          handlers={handlers}
          {...marks}
        />
      )
    }
  }
}
