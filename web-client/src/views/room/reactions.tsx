import type { UserId } from '../../../../protocol/ids.ts'
import type { MessageItem } from '../../state/client-types.ts'
import type { RoomModel } from '../../state/room-model.ts'

const SHOWN = 12

/** Chips under a message, one per emoji ([R11]). */
export function Reactions({
  item,
  model,
  nameOf,
}: {
  item: MessageItem
  model: RoomModel
  nameOf: (user: UserId) => string
}) {
  const hidden = item.reactions.length - SHOWN
  return (
    <div class="reactions">
      {item.reactions.slice(0, SHOWN).map(({ emoji, users, mine }) => {
        const names = users.map(nameOf).join(', ')
        return (
          <button
            key={emoji}
            type="button"
            class="reaction"
            tabIndex={-1}
            aria-pressed={mine}
            aria-label={`${emoji}, ${users.length}: ${names}`}
            title={names}
            onClick={() => model.react(item, emoji)}
          >
            <span>{emoji}</span>
            <span>{users.length}</span>
          </button>
        )
      })}
      {hidden > 0 && <span class="reaction">+{hidden}</span>}
    </div>
  )
}
