import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Framer } from './framer.ts'

/** A packet with so many bytes after its fixed header. */
function packetOf(length: number, fill = 0x61): Buffer {
  return Buffer.concat([Buffer.from(headerOf(length)), Buffer.alloc(length, fill)])
}

function headerOf(length: number): number[] {
  const header = [0x30]
  let rest = length
  do {
    header.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    rest >>= 7
  } while (rest > 0)
  return header
}

function collect(framer: Framer) {
  const packets: string[] = []
  const push = (chunk: Buffer) =>
    framer.push(chunk, (packet) => {
      packets.push(packet.toString('hex'))
      return true
    })
  return { packets, push }
}

describe('the framer', () => {
  test('[MQTT-2.2.3] gives the same packets however the stream is split', () => {
    const lengths = fc.array(fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(127, 128, 16_383, 16_384)), {
      maxLength: 12,
    })
    const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 })
    fc.assert(
      fc.property(lengths, cuts, (sizes, places) => {
        const whole = sizes.map((size, index) => packetOf(size, index))
        const stream = Buffer.concat(whole)
        const { packets, push } = collect(new Framer(0))
        const ends = [...places.map((place) => Math.floor(place * stream.length)), stream.length].sort((a, b) => a - b)
        let from = 0
        for (const end of ends) {
          expect(push(stream.subarray(from, end))).toBeUndefined()
          from = end
        }
        expect(packets).toEqual(whole.map((packet) => packet.toString('hex')))
      }),
      { numRuns: 300 },
    )
  })

  test('[MQTT-2.2.3] byte by byte', () => {
    const whole = [packetOf(0), packetOf(1), packetOf(200), packetOf(0)]
    const { packets, push } = collect(new Framer(1_000))
    for (const byte of Buffer.concat(whole)) expect(push(Buffer.from([byte]))).toBeUndefined()
    expect(packets).toEqual(whole.map((packet) => packet.toString('hex')))
  })

  test('[LIM6] cuts on the announced length, before a byte of it has come', () => {
    for (const [length, fault] of [
      [996, undefined],
      [997, undefined],
      [998, 'too_large'],
      [268_435_455, 'too_large'],
    ] as const) {
      const announced = headerOf(length)
      expect(collect(new Framer(1_000)).push(Buffer.from(announced))).toBe(fault)
      const dripped = collect(new Framer(1_000))
      const results = announced.map((byte) => dripped.push(Buffer.from([byte])))
      expect(results.at(-1)).toBe(fault)
    }
  })

  test('[LIM6] the limit may change between packets', () => {
    const framer = new Framer(100)
    const { packets, push } = collect(framer)
    expect(push(packetOf(90))).toBeUndefined()
    framer.maxPacketBytes = 300
    expect(push(packetOf(200))).toBeUndefined()
    expect(packets).toHaveLength(2)
    expect(push(packetOf(400))).toBe('too_large')
  })

  test('[MQTT-2.2.3] a length of five bytes is malformed', () => {
    expect(collect(new Framer(0)).push(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01]))).toBe('malformed')
    expect(collect(new Framer(0)).push(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80]))).toBe('malformed')
    expect(collect(new Framer(0)).push(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]))).toBeUndefined()
  })

  test('[MQTT-4.8.0-1] gives nothing more once the reader says stop', () => {
    const seen: number[] = []
    const framer = new Framer(0)
    framer.push(Buffer.concat([packetOf(1), packetOf(2), packetOf(3)]), (packet) => seen.push(packet.length) < 2)
    expect(seen).toEqual([3, 4])
  })
})
