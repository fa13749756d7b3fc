/** The protocol client: for the web app, for bots, for scripts. No DOM, no framework. */
export type {
  ChatClient,
  CreateRoomInput,
  CreateTokenInput,
  MessageDraft,
  RegisterInput,
  RoomUpdate,
  SignInInput,
} from './actions.ts'
export { createChatClient } from './chat-client.ts'
export { createMemoryOutbox, createMemorySession } from './memory-storage.ts'
export { createWebSocketTransport } from './mqtt/index.ts'
export type * from './ports.ts'
export type * from './snapshot.ts'
export { messageState } from './timeline-items.ts'
