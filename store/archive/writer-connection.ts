/** The one connection that the archive writes with, and what it tells of batches whose answer got lost. */
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { ChatError } from '../../protocol/errors.ts'
import type { RoomId } from '../../protocol/ids.ts'
import { ANSWER_LIMIT_MS, clientConfig, guardClient, type Target } from '../connection.ts'
import { translateError } from '../database-error.ts'
import type { Database, Transaction } from '../tables.ts'

/** For every entry its seq; negated: a duplicate of that one; 0: no such room. */
export type Seqs = readonly number[]

export interface WriterConnection {
  readonly broken: boolean
  /** Commits a batch. After an error that is `unavailable` its fate is unknown: close, connect again, settle. */
  append(batch: number, entries: string): Promise<Seqs>
  /** Locks the room and runs `work` in one transaction; `append` inside it belongs to it. */
  transact<Result>(
    room: RoomId,
    work: (transaction: Transaction, append: (batch: number, entries: string) => Promise<Seqs>) => Promise<Result>,
  ): Promise<Result>
  /** The answer to a batch, or `undefined` when it was not committed; then it never will be. */
  settle(batch: number): Promise<Seqs | undefined>
  close(): Promise<void>
}

const APPEND = 'select archive_append($1, $2, $3) as seqs'

/** Connects. Rejects with `unavailable`. `writer`: who we are to the database, the same for all our connections. */
export async function connectWriter(target: Target, writer: string): Promise<WriterConnection> {
  const client = new pg.Client({ ...clientConfig(target, `tidings-archive-${writer}`), query_timeout: ANSWER_LIMIT_MS })
  const guarded = guardClient(client)
  try {
    await client.connect()
  } catch (error) {
    void client.end().catch(() => undefined) // the reason is reported by the first error
    throw translateError(error)
  }

  const kysely = new Kysely<Database>({
    dialect: new PostgresDialect({
      pool: { connect: async () => ({ query: guarded.query, release: () => undefined }), end: async () => undefined },
    }),
  })
  let broken = false
  client.on('error', () => {
    broken = true
  })
  client.on('end', () => {
    broken = true
  })

  const append = async (batch: number, entries: string): Promise<Seqs> => {
    try {
      const answer = await client.query<{ seqs: number[] }>({
        name: 'archive_append',
        text: APPEND,
        values: [writer, batch, entries],
      })
      return answer.rows[0]?.seqs ?? []
    } catch (error) {
      throw translateError(error)
    }
  }

  return {
    get broken() {
      return broken
    },
    append,
    transact(room, work) {
      const run = kysely.transaction().execute(async (transaction) => {
        await transaction.selectFrom('rooms').select('id').where('id', '=', room).forUpdate().execute()
        return work(transaction, append)
      })
      return withLimit(run)
    },
    async settle(batch) {
      // A session of ours that the server still holds would keep its locks until it notices.
      await guarded.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = current_setting('application_name') and pid <> pg_backend_pid()`,
        [],
      )
      const answer = await guarded.query<{ seqs: number[] | null }>('select archive_settle($1, $2) as seqs', [
        writer,
        batch,
      ])
      return answer.rows[0]?.seqs ?? undefined
    },
    async close() {
      broken = true
      await withLimit(client.end()).catch(() => client.connection.stream.destroy())
    },
  }
}

/** A change that neither finishes nor fails must not hold up everybody's messages. */
async function withLimit<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new ChatError('unavailable', { context: { archive: 'no answer' } })),
      ANSWER_LIMIT_MS,
    )
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}
