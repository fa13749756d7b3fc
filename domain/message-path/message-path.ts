import { createHash } from 'node:crypto'
import {
  type MembershipLookup,
  mayDo,
  mayPublish,
  type Session,
  type Standing,
  slowModeOf,
} from '../../auth-plugin/index.ts'
import type { Command } from '../../protocol/commands.ts'
import { ChatError, type Refusal } from '../../protocol/errors.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import { type Mark, markSchema, type Receipt, type Status, statusSchema } from '../../protocol/presence.ts'
import type { PublishTopic } from '../../protocol/topics.ts'
import type { Append, Archive } from '../../store/index.ts'
import type { Bus } from '../bus/bus.ts'
import type { Timers } from '../time.ts'
import { type Asker, answerRequest, type RequestDeps } from './answer-request.ts'
import { checkTarget } from './check-target.ts'
import { draftEvent } from './draft-event.ts'
import { expireMessages } from './expire-messages.ts'
import { type Outcome, refusalOf, refused } from './outcome.ts'
import { checkCommand, parseCommand } from './parse-command.ts'
import { readJson } from './read-json.ts'
import { createRoomQueue } from './room-queue.ts'
import { createSendRate, type Toll } from './send-rate.ts'
import { createSlowMode } from './slow-mode.ts'
import { createTyping } from './typing.ts'

/** A publish as it came in at the MQTT door. */
export type RawPublish = {
  payload: Uint8Array
  qos: 0 | 1 | 2
  dup: boolean
  /** QoS 1 and 2. */
  packetId?: number
}

export type MessagePathDeps = {
  archive: Archive
  access: MembershipLookup
  bus: Bus
  now(): number
  timers: Timers
  /** `LIMIT_SEND_PER_SECOND`; 0 = no limit. */
  sendPerSecond: number
  receipts: { mark(session: Session, room: RoomId, mark: Mark): Promise<Receipt> }
  presence: { setStatus(user: UserId, status: Status): Promise<void> | void }
  onBug(error: unknown): void
  /** Messages could not be deleted in time; it is tried again. */
  onExpiryError(error: unknown): void
}

/** The way of everything that a client publishes, whichever door it came through. Never throws, never rejects. */
export interface MessagePath {
  /** At the MQTT door. Resolves when it may be acknowledged: archived, or refused with a code ([P1]). */
  publish(asker: Asker, topic: PublishTopic, raw: RawPublish): Promise<Outcome>
  /** The same walk for a command that is an object already: HTTP and requests. */
  send(session: Session, room: RoomId, fields: Record<string, unknown>): Promise<Outcome>
  /** What requests are answered from; given once, as the operations need the path in turn. */
  answerFrom(operations: RequestDeps['operations']): void
  close(): void
}

export function createMessagePath(deps: MessagePathDeps): MessagePath {
  const queue = createRoomQueue()
  const slowMode = createSlowMode(deps)
  const typing = createTyping(deps.bus)
  const sends = createSendRate(deps.sendPerSecond, deps.now)
  const signals = createSendRate(deps.sendPerSecond, deps.now)
  const requests = createSendRate(deps.sendPerSecond, deps.now)
  let operations: RequestDeps['operations'] | undefined
  const stopExpiring = expireMessages({ ...deps, onError: deps.onExpiryError })

  deps.archive.onCommitted((events) => deps.bus.emit('events', events))

  // door: who, may?
  async function authorise(session: Session, topic: PublishTopic): Promise<Refusal | Standing | undefined> {
    const standing = 'room' in topic ? await standingOf(session, topic.room) : undefined
    const decision = mayPublish(session, topic, standing, deps.now())
    return decision.ok ? standing : decision.no
  }

  function standingOf(session: Session, room: RoomId): Promise<Standing | undefined> | Standing {
    return deps.access.known(session.user, room) ?? deps.access.standing(session.user, room)
  }

  // room queue and archive: seq is born here
  async function archive(entry: {
    session: Session
    room: RoomId
    standing: Standing
    command: Command
    transmission?: Append['transmission']
  }): Promise<Outcome> {
    const { session, room, command } = entry
    const append = () => {
      const draft = draftEvent(command, session.user, deps.now())
      const done = deps.archive.append({
        room,
        draft,
        ...(command.id !== undefined && { commandId: command.id }),
        ...(command.id === undefined && entry.transmission !== undefined && { transmission: entry.transmission }),
      })
      return { done }
    }
    const step = async (target: Exclude<Command, { type: 'message' }>) => {
      const no = await checkTarget(target, session, room, entry.standing, deps)
      return no === undefined ? append() : { no }
    }
    const say = async (wait: number) => {
      const no = await slowMode.take(entry, wait)
      if (no !== undefined) return { no }
      const said = append()
      said.done.then(
        ({ duplicate }) => duplicate && slowMode.giveBack(entry),
        () => slowMode.giveBack(entry),
      )
      return said
    }
    const message = () => {
      // Once more: what was so at the door may have changed while others were in front.
      const standing = deps.access.known(session.user, room) ?? entry.standing
      const decision = mayDo(session, room, 'write', standing, deps.now())
      if (!decision.ok) return decision
      const wait = slowModeOf(standing)
      if (wait > 0) return say(wait)
      slowMode.forget(entry)
      return append()
    }
    const taken: { done: ReturnType<Archive['append']> } | { no: Refusal } = await queue.inTurn(room, () =>
      command.type === 'message' ? message() : step(command),
    )
    if ('no' in taken) return refused(taken.no, command.id)
    const appended = await taken.done
    return { ok: true, event: appended.event }
  }

  async function send(session: Session, room: RoomId, raw: RawPublish, device: Asker['device']): Promise<Outcome> {
    const parsed = parseCommand(raw.payload)
    const id = parsed.ok ? parsed.command.id : parsed.id
    try {
      // No await when memory knows: what one connection sends must reach the room's queue in the order of arrival.
      const standing = deps.access.known(session.user, room) ?? (await deps.access.standing(session.user, room))
      const decision = mayPublish(session, { kind: 'send', room }, standing, deps.now())
      if (!decision.ok) return refused(decision.no, id)
      if (standing === undefined) return refused({ code: 'not_member' }, id)
      if (!parsed.ok) return refused(parsed.no, id)
      const transmission =
        raw.packetId === undefined || id !== undefined
          ? undefined
          : { device, packetId: raw.packetId, dup: raw.dup, payloadHash: hash(raw.payload) }
      const outcome = await archive({
        session,
        room,
        standing,
        command: parsed.command,
        ...(transmission !== undefined && { transmission }),
      })
      return outcome.ok && parsed.compact ? { ...outcome, compact: true } : outcome
    } catch (error) {
      return refused(refusalOf(error, deps.onBug), id) // with its id: the sender must know which command to send again
    }
  }

  async function walk(asker: Asker, topic: PublishTopic, raw: RawPublish): Promise<Outcome> {
    if (topic.kind === 'send') return send(asker.session, topic.room, raw, asker.device)
    const no = await authorise(asker.session, topic)
    if (no !== undefined && 'code' in no) return refused(no)
    switch (topic.kind) {
      case 'mark': {
        const mark = readJson(markSchema, raw.payload)
        if (mark === undefined) return invalid('A mark is {"read":42} and/or {"delivered":42}.')
        await deps.receipts.mark(asker.session, topic.room, mark)
        return { ok: true }
      }
      case 'typing': {
        const [byte, rest] = raw.payload
        if (rest !== undefined || (byte !== 0x30 && byte !== 0x31)) return invalid('Typing is 1 or 0.')
        typing.set(topic.room, asker.session.user, byte === 0x31)
        return { ok: true }
      }
      case 'status': {
        const status = readJson(statusSchema, raw.payload)
        if (status === undefined) return invalid('A status is {"state":"online"|"away"|"busy","text":"..."}.')
        await deps.presence.setStatus(asker.session.user, status)
        return { ok: true }
      }
      case 'requests':
        if (operations === undefined) return refused({ code: 'unavailable' })
        return answerRequest(raw.payload, asker, { operations, onBug: deps.onBug })
      case 'server-written':
        return refused({ code: 'not_writable' })
    }
  }

  function tollOf(session: Session, topic: PublishTopic): Toll {
    if (topic.kind === 'send') return sends.take(session.user)
    return topic.kind === 'requests' ? requests.take(session.user) : signals.take(session.user)
  }

  async function guarded(toll: Toll, way: () => Promise<Outcome>): Promise<Outcome> {
    if (!toll.ok) return refused({ code: 'rate_limited', retryAfterMs: toll.retryAfterMs })
    try {
      const outcome = await way()
      return toll.pauseMs > 0 ? { ...outcome, pauseMs: toll.pauseMs } : outcome
    } catch (error) {
      return refused(refusalOf(error, deps.onBug))
    }
  }

  return {
    async publish(asker, topic, raw) {
      const toll = tollOf(asker.session, topic)
      if (!toll.ok && topic.kind === 'send') {
        const parsed = parseCommand(raw.payload) // only for the id, so that the sender knows which one it was
        const id = parsed.ok ? parsed.command.id : parsed.id
        return refused({ code: 'rate_limited', retryAfterMs: toll.retryAfterMs }, id)
      }
      return guarded(toll, () => walk(asker, topic, raw))
    },

    async send(session, room, fields) {
      return guarded(sends.take(session.user), async () => {
        if (deps.archive.full) throw new ChatError('unavailable', { retryAfterMs: 1000 })
        const parsed = checkCommand({ type: 'message', ...fields })
        const standing = await standingOf(session, room)
        const decision = mayPublish(session, { kind: 'send', room }, standing, deps.now())
        if (!decision.ok) return refused(decision.no)
        if (standing === undefined) return refused({ code: 'not_member' })
        if (!parsed.ok) return refused(parsed.no, parsed.id)
        return archive({ session, room, standing, command: parsed.command })
      })
    },

    answerFrom(table) {
      operations = table
    },
    close() {
      stopExpiring()
      typing.close()
    },
  }
}

const invalid = (message: string): Outcome => refused({ code: 'invalid_command', message })

const hash = (payload: Uint8Array): string => createHash('sha1').update(payload).digest('base64url')
