export { createMentionNotices, type MentionNotices } from './mention-notices.ts'
