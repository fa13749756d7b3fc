export type { Asker } from './answer-request.ts'
export { createMessagePath, type MessagePath, type MessagePathDeps, type RawPublish } from './message-path.ts'
export { type Outcome, rejection } from './outcome.ts'
