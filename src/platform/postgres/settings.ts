import path from 'node:path';

export interface ServerSettings {
  /** Folder of the Unix socket, or a loopback port where the system has none. */
  readonly endpoint: { readonly socketDirectory: string } | { readonly port: number };
  readonly logDirectory: string;
  /** False only for throw-away test clusters: survives killed processes, not a lost machine. */
  readonly durable: boolean;
}

/**
 * Settings of the embedded server, given on its command line: they hold at each start whatever stands in the cluster's
 * own files. Sized for a small site beside one Node process; a larger one runs its own PostgreSQL.
 */
export function serverSettings({ endpoint, logDirectory, durable }: ServerSettings): Readonly<Record<string, string>> {
  return {
    ...('port' in endpoint
      ? { listen_addresses: '127.0.0.1', port: String(endpoint.port), unix_socket_directories: '' }
      : { listen_addresses: '', port: String(SOCKET_PORT), unix_socket_directories: quoteListItem(endpoint.socketDirectory), unix_socket_permissions: '0700' }),
    cluster_name: 'cordon',
    max_connections: '60',
    shared_buffers: '128MB',
    maintenance_work_mem: '32MB',
    max_wal_size: '512MB',
    min_wal_size: '80MB',
    // Nothing replicates from here; a logical export is the backup.
    wal_level: 'minimal',
    max_wal_senders: '0',
    checkpoint_completion_target: '0.9',
    io_workers: '1',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    fsync: durable ? 'on' : 'off',
    full_page_writes: durable ? 'on' : 'off',
    // One file a weekday, overwritten a week later: bounded without anybody's help.
    logging_collector: 'on',
    log_directory: logDirectory,
    log_filename: 'postgres-%w.log',
    log_file_mode: '0600',
    log_truncate_on_rotation: 'on',
    log_rotation_age: '1d',
    log_rotation_size: '0',
    log_min_messages: 'warning',
    // A statement can carry data of a delivery.
    log_min_error_statement: 'panic',
    log_parameter_max_length_on_error: '0',
  };
}

/** The number in the name of the socket file. */
export const SOCKET_PORT = 5432;

/** Longest path of a socket in bytes that every supported system accepts, with some room. */
const SOCKET_PATH_BYTES = 100;

export function fitsSocketPath(directory: string): boolean {
  return Buffer.byteLength(path.join(directory, `.s.PGSQL.${SOCKET_PORT}`)) <= SOCKET_PATH_BYTES;
}

function quoteListItem(item: string): string {
  return `"${item.replaceAll('"', '""')}"`;
}
