export { createAddressOf } from './address-of.ts'
export { buildApp } from './app.ts'
export { measureMessagePath, type PathFigures } from './path-metrics.ts'
export type { ApiDeps } from './ports.ts'
