/**
 * Prints the last messages of a room and goes on with the new ones.
 *
 *   npx tsx web-client/sdk/examples/tail-room.ts http://127.0.0.1:8080 tdt_... ops
 */
import { isRoomId } from '../../../protocol/ids.ts'
import { textLine } from '../../../protocol/text-view.ts'
import { createChatClient } from '../index.ts'
import { createNodePorts, readArguments } from './node-ports.ts'

const usage = 'usage: tail-room.ts URL APP_TOKEN ROOM'
const { url, appToken, rest } = readArguments(usage)
const [room] = rest
if (!isRoomId(room)) {
  console.error(usage)
  process.exit(2)
}

const client = createChatClient(createNodePorts(url), { url, appToken, longGap: Number.POSITIVE_INFINITY })
await client.start()
await client.openRoom(room)
let printed = 0
for (const item of client.snapshot().open.get(room)?.items ?? []) {
  if (item.kind === 'gap' || item.kind === 'pending') continue
  printed = item.seq
  if (item.kind === 'message')
    console.log(item.deleted ? `${item.from} deleted a message` : `${item.from}: ${item.text}`)
}
client.onEvent((where, event) => {
  const line = where === room && event.seq > printed ? textLine(event) : undefined
  if (line !== undefined) console.log(line)
})
