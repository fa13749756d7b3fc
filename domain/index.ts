/** The one entrance of the domain. */
export type { Archive, ArchivedEvent, Cursors, Marks } from '../store/index.ts'
export type { Access } from './access/index.ts'
export type { Bus, BusNotes } from './bus/bus.ts'
export { createLocalBus } from './bus/local-bus.ts'
export type { LiveConnections } from './connections/index.ts'
export { createDomain, type Domain, type DomainDeps } from './domain.ts'
export type { Log } from './log.ts'
export { createSmtpTransport, type Mail, type MailTransport } from './mail/index.ts'
export { type Asker, type MessagePath, type Outcome, type RawPublish, rejection } from './message-path/index.ts'
export { createResetLink } from './operations/accounts/email-links.ts'
export type { OidcSignIn } from './operations/accounts/index.ts'
export {
  type AdministrationActs,
  createAdministrationActs,
  createRequireServerRole,
  type RequireServerRole,
  type ServerFigures,
} from './operations/administration/index.ts'
export { linkUrl, makeServerInvite, type NewServerInvite } from './operations/invites/index.ts'
export type { Caller, HttpRoute, Operation } from './operations/operation.ts'
export type { OpenExport } from './operations/personal-data/index.ts'
export { writeExport } from './operations/personal-data/index.ts'
export { createOperationTable, defineOperation, type OperationTable, type Visitor } from './operations/table.ts'
export type { PrivacyBoard, Sight } from './people/index.ts'
export type { PresenceBoard } from './presence/index.ts'
export type { Receipts } from './receipts/index.ts'
export type { Clock, Timers } from './time.ts'
