/**
 * Answers every message that mentions it, or that is said in a direct room, with the same words.
 *
 *   npx tsx web-client/sdk/examples/echo-bot.ts http://127.0.0.1:8080 tdt_...
 */
import { createChatClient } from '../index.ts'
import { createNodePorts, readArguments } from './node-ports.ts'

const { url, appToken } = readArguments('usage: echo-bot.ts URL APP_TOKEN (or TIDINGS_URL and TIDINGS_TOKEN)')
const client = createChatClient(createNodePorts(url), { url, appToken, longGap: Number.POSITIVE_INFINITY })

client.onEvent((room, event) => {
  const { session, rooms } = client.snapshot()
  if (session.kind !== 'signed-in' || event.type !== 'message' || event.from === session.user.id) return
  const isDirect = rooms.some((one) => one.room === room && one.kind === 'direct')
  if (!isDirect && !event.mentions?.includes(session.user.id)) return
  client.send(room, { text: event.text, replyTo: event.seq })
})

let shown = ''
client.subscribe(() => {
  const { connection, session } = client.snapshot()
  const line = session.kind === 'signed-in' ? `${session.user.id}: ${connection.kind}` : session.kind
  if (line !== shown) console.log(line)
  shown = line
  if (session.kind === 'signed-out') process.exit(1)
})

await client.start()
