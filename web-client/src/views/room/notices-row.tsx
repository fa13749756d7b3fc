import type { UserId } from '../../../../protocol/ids.ts'
import type { UserSummary } from '../../state/client-types.ts'
import { noticeSummary, noticeText } from '../../state/notice-text.ts'
import { nameIn } from '../../state/people.ts'
import type { Row } from '../../state/rows.ts'
import { fullTime } from '../../ui/times.ts'

type Props = { row: Extract<Row, { kind: 'notices' }>; users: ReadonlyMap<UserId, UserSummary> }

/** Changes of the room or its members; many in a row fold into one line ([R20]). */
export function NoticesRow({ row, users }: Props) {
  const lines = row.items.map(({ key, event }) => (
    <div key={key} title={fullTime(event.at)}>
      {noticeText(event, (user) => nameIn(users, user))}
    </div>
  ))
  return (
    <li class="system">
      {row.collapsed ? (
        <details>
          <summary>{noticeSummary(row.items)}</summary>
          {lines}
        </details>
      ) : (
        lines
      )}
    </li>
  )
}
