import { EventEmitter } from 'node:events'
import type { Bus } from './bus.ts'

/** The bus of a single process: listeners run at once, inside `emit`. */
export function createLocalBus(): Bus {
  const emitter = new EventEmitter()
  emitter.setMaxListeners(0)
  return {
    emit: (name, note) => void emitter.emit(name, note),
    on: (name, listener) => void emitter.on(name, listener),
    close: async () => void emitter.removeAllListeners(),
  }
}
