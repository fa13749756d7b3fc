import type { ArchivedEvent } from '../../domain/index.ts'
import { encodeCompact } from '../../protocol/compact.ts'
import type { ChatEvent } from '../../protocol/events.ts'
import type { RoomId } from '../../protocol/ids.ts'
import { textLine } from '../../protocol/text-view.ts'
import { roomView, type View } from '../../protocol/topics.ts'
import { EncodedBatch } from './encode.ts'

/** A run of events of one room as packets of one view. Made only when somebody listens to that view ([VIEW1]). */
export function encodeView(room: RoomId, view: View, events: readonly ArchivedEvent[]): EncodedBatch {
  const payloads: Buffer[] = []
  const seqs: number[] = []
  for (const event of events) {
    const payload = payloadOf(view, event)
    if (payload === undefined) continue
    payloads.push(payload)
    seqs.push(event.seq)
  }
  return new EncodedBatch(Buffer.from(roomView(room, view)), payloads, seqs)
}

function payloadOf(view: View, event: ArchivedEvent): Buffer | undefined {
  switch (view) {
    case 'messages':
      return Buffer.from(`{"seq":${event.seq},${event.json.slice(1)}`)
    case 'compact': {
      const bytes = encodeCompact(withSeq(event))
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }
    case 'text': {
      const line = textLine(withSeq(event))
      return line === undefined ? undefined : Buffer.from(line)
    }
  }
}

const withSeq = (event: ArchivedEvent): ChatEvent => ({ ...event.draft, seq: event.seq })
