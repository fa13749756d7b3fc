import { Counter, Gauge, type Registry } from 'prom-client'

/** What the archive and the broker tell of themselves. Totals grow for the life of the process. */
export type PathFigures = {
  archive: { queued: number; queuedBytes: number; commits: number; events: number; lastCommitMs: number }
  broker?: {
    connections: number
    feeds: number
    deliveries: number
    skipped: number
    behind: number
    rejections: ReadonlyMap<string, number>
  }
}

/** The message path at `/metrics`, read when somebody scrapes. */
export function measureMessagePath(registry: Registry, figures: () => PathFigures): void {
  const registers = [registry]
  const gauge = (name: string, help: string, read: (now: PathFigures) => number | undefined): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read(figures()) ?? 0)
      },
    })
  }
  const total = (name: string, help: string, read: (now: PathFigures) => number | undefined): void => {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset()
        this.inc(read(figures()) ?? 0)
      },
    })
  }
  gauge('tidings_archive_queued', 'Events that wait for a commit', (now) => now.archive.queued)
  gauge('tidings_archive_queued_bytes', 'Bytes of events that wait for a commit', (now) => now.archive.queuedBytes)
  gauge('tidings_archive_last_commit_seconds', 'Duration of the last commit', (now) => now.archive.lastCommitMs / 1000)
  total('tidings_archive_commits_total', 'Commits', (now) => now.archive.commits)
  total('tidings_archive_events_total', 'Events archived', (now) => now.archive.events)
  gauge('tidings_connections', 'MQTT connections', (now) => now.broker?.connections)
  gauge('tidings_feeds', 'Rooms that somebody on this node listens to', (now) => now.broker?.feeds)
  total('tidings_deliveries_total', 'Events written to subscribers', (now) => now.broker?.deliveries)
  total('tidings_deliveries_skipped_total', 'Events not written at QoS 0 to slow readers', (now) => now.broker?.skipped)
  total('tidings_fell_behind_total', 'QoS 1 subscribers continued from the log', (now) => now.broker?.behind)
  new Counter({
    name: 'tidings_rejections_total',
    help: 'Refused publishes by code',
    labelNames: ['code'] as const,
    registers,
    collect() {
      this.reset()
      for (const [code, count] of figures().broker?.rejections ?? []) this.inc({ code }, count)
    },
  })
}
