export { type Access, createAccess } from './access.ts'
export { watchAccess } from './watch-access.ts'
