import { type MembershipLookup, maySubscribe } from '../../auth-plugin/index.ts'
import { MAX_FILTERS_PER_SUBSCRIBE } from '../../protocol/limits.ts'
import { parseFilter } from '../../protocol/topics.ts'
import type { Connection } from '../connection.ts'
import type { Router } from '../router/router.ts'

export type SubscribeDeps = {
  access: Pick<MembershipLookup, 'known' | 'standing'>
  router: Pick<Router, 'prepare'>
  maxSubscriptions: number
  now(): number
}

/** One filter of a SUBSCRIBE: may it be granted? A no is 0x80 in the SUBACK and harms none of the others ([TOP6]). */
export async function mayHave(
  connection: Connection,
  topic: string,
  place: number,
  deps: SubscribeDeps,
): Promise<boolean> {
  const { subscriptions } = connection
  if (!withinLimits(connection, topic, place, deps.maxSubscriptions)) return false
  let granted = false
  subscriptions.waiting++
  try {
    granted = await isAllowed(connection, topic, deps)
    return granted
  } finally {
    if (!granted) subscriptions.waiting-- // else when it is subscribed
  }
}

async function isAllowed(connection: Connection, topic: string, deps: SubscribeDeps): Promise<boolean> {
  const filter = parseFilter(topic)
  if (filter === undefined) return false
  const { session } = connection
  const room = 'room' in filter && filter.room !== '+' ? filter.room : undefined
  const standing =
    room === undefined
      ? undefined
      : (deps.access.known(session.user, room) ?? (await deps.access.standing(session.user, room)))
  if (!maySubscribe(session, connection.device, filter, standing, deps.now()).ok) return false
  await deps.router.prepare(connection, topic)
  return true
}

/** SUBSCRIBEs in one write are looked at together: those before count although they are not granted yet. */
function withinLimits(connection: Connection, topic: string, place: number, maxSubscriptions: number): boolean {
  if (place >= MAX_FILTERS_PER_SUBSCRIBE) return false
  const { grants, waiting } = connection.subscriptions
  return maxSubscriptions === 0 || grants.has(topic) || grants.size + waiting < maxSubscriptions
}
