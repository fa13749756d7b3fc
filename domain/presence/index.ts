export { createPresenceBoard, type PresenceBoard } from './presence-board.ts'
export type { PresenceRecord, PresenceStore } from './presence-records.ts'
