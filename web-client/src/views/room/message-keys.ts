import type { MessageItem } from '../../state/client-types.ts'
import type { Notices } from '../../state/notices.ts'
import type { RoomModel } from '../../state/room-model.ts'
import { copyText } from '../copy-text.ts'

/** The single keys that act on the message with the focus; never anywhere else. False: not such a key. */
export function actOnMessage(key: string, item: MessageItem, model: RoomModel, notices: Notices): boolean {
  const mayWrite = model.sendability.peek() === 'yes'
  switch (key.toLowerCase()) {
    case 'r':
      if (mayWrite) model.reply(item)
      return mayWrite
    case 'e':
      if (mayWrite && item.mine) model.edit(item)
      return mayWrite && item.mine
    case 'c':
      void copyText(item.text, notices)
      return true
    case 'delete':
      if (item.mine) model.remove(item)
      return item.mine
    default:
      return false
  }
}
