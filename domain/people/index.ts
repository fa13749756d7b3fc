export { createPrivacyBoard, type PrivacyBoard } from './privacy-board.ts'
export { createProfileNotices, type ProfileNotices } from './profile-notices.ts'
export { createSight, type Sight } from './sight.ts'
