/**
 * Aedes' `mq`: nothing goes through it. Fan-out is the router's, so that no message is encoded per subscriber, held
 * up by a slow one, or dropped by the duplicate check of Aedes (moscajs/aedes#994).
 */
export const silentEmitter = {
  on(_topic: string, _deliver: unknown, done: () => void = nothing) {
    done()
    return silentEmitter
  },
  removeListener(_topic: string, _deliver: unknown, done: () => void = nothing) {
    done()
    return silentEmitter
  },
  emit(_packet: unknown, done: () => void = nothing) {
    done()
    return silentEmitter
  },
  close(done: () => void = nothing) {
    done()
  },
}

function nothing(): void {}
