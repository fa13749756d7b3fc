import { type Kysely, type Migration, Migrator } from 'kysely'
import type { Database } from '../tables.ts'
import * as roomsAndLog from './0001-rooms-and-log.ts'
import * as accounts from './0002-accounts.ts'
import * as moderation from './0003-moderation.ts'
import * as email from './0004-email.ts'
import * as secondFactor from './0005-second-factor.ts'
import * as identities from './0006-identities.ts'
import * as people from './0007-people.ts'
import * as invites from './0008-invites.ts'
import * as administration from './0009-administration.ts'
import * as deletion from './0010-deletion.ts'

/** Every migration by name, in order; one that was released never changes. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001-rooms-and-log': roomsAndLog,
  '0002-accounts': accounts,
  '0003-moderation': moderation,
  '0004-email': email,
  '0005-second-factor': secondFactor,
  '0006-identities': identities,
  '0007-people': people,
  '0008-invites': invites,
  '0009-administration': administration,
  '0010-deletion': deletion,
}

/** Brings the database up to date; servers that start together do it one after another (an advisory lock). */
export async function migrate(db: Kysely<Database>): Promise<string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } })
  const { error, results = [] } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
  return results.map(({ migrationName }) => migrationName)
}
