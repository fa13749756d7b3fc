/** Our server's settings: durable as PostgreSQL is by default, but small: one application, one machine, no network. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '30',
  // Durability.
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  // No replication: less log to write.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  // Memory.
  shared_buffers: '32MB',
  work_mem: '4MB',
  maintenance_work_mem: '16MB',
  wal_buffers: '2MB',
  huge_pages: 'off',
  io_method: 'sync',
  max_worker_processes: '2',
  max_parallel_workers: '0',
  max_parallel_workers_per_gather: '0',
  max_parallel_maintenance_workers: '0',
  autovacuum_max_workers: '1',
  autovacuum_worker_slots: '1',
  jit: 'off',
  // Disk.
  min_wal_size: '64MB',
  max_wal_size: '512MB',
  checkpoint_timeout: '10min',
  // A log of the server's life, never of statements: those hold what people wrote.
  log_destination: 'stderr',
  logging_collector: 'off',
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_statement: 'none',
  log_checkpoints: 'off',
  log_autovacuum_min_duration: '-1',
  log_line_prefix: '%m [%p] ',
  log_timezone: 'UTC',
  timezone: 'UTC',
}

/** The arguments of `postgres`. */
export function serverArguments(cluster: string, socketDirectory: string): string[] {
  const settings = { ...SETTINGS, unix_socket_directories: socketDirectory, port: '5432' }
  return ['-D', cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
}

/** The arguments of `initdb`. Whoever can open the socket is the owner of the files, so there is no password. */
export function clusterArguments(cluster: string): string[] {
  return [
    `--pgdata=${cluster}`,
    '--username=tidings',
    '--auth=trust',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--data-checksums',
  ]
}
