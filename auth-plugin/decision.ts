export * from '../protocol/decision.ts'
