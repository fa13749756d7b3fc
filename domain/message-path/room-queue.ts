import type { RoomId } from '../../protocol/ids.ts'

export interface RoomQueue {
  /**
   * Runs `step` when every earlier step of the room is over, and at once when there is none. A step that returns a
   * promise holds up the room until it settles; one that returns a value holds nobody.
   */
  inTurn<Result extends object>(room: RoomId, step: () => Result | Promise<Result>): Result | Promise<Result>
}

/**
 * Keeps the commands of a room in the order in which they came, although some need a look at the log first and packets
 * of one connection are handled concurrently.
 */
export function createRoomQueue(): RoomQueue {
  const tails = new Map<RoomId, Promise<unknown>>()

  function hold<Result>(room: RoomId, running: Promise<Result>): Promise<Result> {
    const tail: Promise<void> = running.then(
      () => release(room, tail),
      () => release(room, tail),
    )
    tails.set(room, tail)
    return running
  }

  function release(room: RoomId, tail: Promise<unknown>): void {
    if (tails.get(room) === tail) tails.delete(room)
  }

  return {
    inTurn(room, step) {
      const before = tails.get(room)
      if (before !== undefined) return hold(room, before.then(step))
      const result = step()
      return result instanceof Promise ? hold(room, result) : result
    },
  }
}
