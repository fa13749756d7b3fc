import { type MessagePath, type Outcome, rejection } from '../../domain/index.ts'
import type { Accepted } from '../../protocol/requests.ts'
import { parsePublishTopic } from '../../protocol/topics.ts'
import type { PublishPacket } from '../aedes/engine.ts'
import type { Connection } from '../connection.ts'

export type PublishDeps = {
  messagePath: Pick<MessagePath, 'publish'>
  /** The archive's queue is full: readers wait here. */
  pressure: { readonly full: boolean; drained(): Promise<void> }
  now(): number
  /** A figure for metrics. */
  rejected(code: string): void
  willRefused(connection: Connection, code: string): void
}

/** Rejections of this kind in a minute are abuse, and end the connection. */
const MAX_OFFENCES = 100
const OFFENCE_CODES = new Set(['unknown_topic', 'not_member', 'not_writable', 'out_of_scope', 'forbidden'])

/**
 * PUBLISH: walks the message path; a no is sent to the device before the acknowledgement ([REJ1]). Resolves when the
 * packet may be acknowledged.
 */
export async function publish(connection: Connection, packet: PublishPacket, deps: PublishDeps): Promise<void> {
  const topic = parsePublishTopic(packet.topic)
  const outcome: Outcome =
    topic === undefined
      ? { ok: false, no: { code: 'unknown_topic' } }
      : await deps.messagePath.publish(connection, topic, packet)
  if (packet.will) {
    if (!outcome.ok) deps.willRefused(connection, outcome.no.code) // there is nobody to answer to
    return
  }
  if (outcome.pauseMs !== undefined && outcome.pauseMs > 0) slowDown(connection, outcome.pauseMs)
  if (deps.pressure.full) waitForArchive(connection, deps.pressure)
  if (!outcome.ok) {
    deps.rejected(outcome.no.code)
    connection.reply(rejection(packet.topic, outcome))
    countOffence(connection, outcome.no.code, deps.now())
  } else if (outcome.compact === true && outcome.event?.draft.id !== undefined) {
    const { room, seq, draft } = outcome.event
    connection.reply({ type: 'accepted', id: draft.id as string, room, seq } satisfies Accepted)
  }
}

/** The socket is not read: the sender feels it as a slow line ([LIM4]). */
function slowDown(connection: Connection, ms: number): void {
  connection.link.pause()
  setTimeout(() => connection.link.resume(), ms).unref()
}

function waitForArchive(connection: Connection, pressure: PublishDeps['pressure']): void {
  connection.link.pause()
  pressure.drained().then(
    () => connection.link.resume(),
    () => connection.link.resume(),
  )
}

function countOffence(connection: Connection, code: string, now: number): void {
  if (!OFFENCE_CODES.has(code)) return
  if (now - connection.offencesSince > 60_000) {
    connection.offencesSince = now
    connection.offences = 0
  }
  if (++connection.offences >= MAX_OFFENCES) connection.link.close('too many publishes to foreign topics')
}
