import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { unusablePortText } from '../contracts/processes/unusable-port.ts'
import { freePort, probePort } from '../worker/probe-port.ts'
import { commandLine } from './process-info.ts'
import { StartError } from './start-error.ts'

/**
 * Makes sure that `port` can be listened on; 0 becomes a free one.
 *
 * @param advice which setting names another port, for the error
 * @throws StartError with the process that has the port, where that can be known
 */
export async function requirePort(host: string, port: number, advice: string): Promise<number> {
  try {
    return port === 0 ? await freePort(host) : await probePort(host, port)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new StartError(unusablePortText({ host, port, code, holder: describeHolder(port) }, advice))
  }
}

function describeHolder(port: number): string {
  const pid = portHolder(port)
  if (pid === null) return 'another process'
  const command = commandLine(pid)
  return command === null ? `process ${pid}` : `process ${pid} (${command.slice(0, 80)})`
}

/** The process that listens on a TCP port; null where it cannot be known (no /proc, or another user's process). */
export function portHolder(port: number): number | null {
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(table, port)))
  if (inodes.size === 0) return null
  for (const pid of entries('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const holds = entries(`/proc/${pid}/fd`).some((fd) => inodes.has(link(`/proc/${pid}/fd/${fd}`)))
    if (holds) return Number(pid)
  }
  return null
}

/** Rows look like `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode`; state 0A is LISTEN. */
function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return orDefault(() => readFileSync(table, 'utf8'), '')
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) && fields[3] === '0A')
    .map((fields) => `socket:[${fields[9]}]`)
}

function entries(path: string): string[] {
  return orDefault(() => readdirSync(path), [])
}

function link(path: string): string {
  return orDefault(() => readlinkSync(path), '')
}

/** A process may end while its files are read, and another user's files cannot be read: both are skipped. */
function orDefault<T>(look: () => T, otherwise: T): T {
  try {
    return look()
  } catch {
    return otherwise
  }
}
