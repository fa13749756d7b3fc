export { createLiveConnections, type LiveConnection, type LiveConnections } from './live-connections.ts'
