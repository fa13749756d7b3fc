export { buildApp } from './app.ts'
export type { ApiDeps } from './ports.ts'
