import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * Identifies a process, even if a later one gets the same pid: with the same pid and an equal `started` it is the same process. `started`
 * is opaque, and empty where the system does not say when a process started.
 */
export interface ProcessIdentity {
  readonly pid: number
  readonly started: string
}

/** The process that has this pid now; null where there is none. A process that has ended and is not reaped yet does not count. */
export function identify(pid: number): ProcessIdentity | null {
  if (!answers(pid)) return null
  if (process.platform === 'linux') return fromProc(pid)
  const started = ps(pid, 'lstart')
  return started === null ? { pid, started: '' } : { pid, started }
}

export function isRunning(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.started === identity.started
}

/** The command line, arguments joined by spaces; null where it cannot be known. */
export function commandLine(pid: number): string | null {
  if (process.platform !== 'linux') return ps(pid, 'command')
  const text = readProc(`/proc/${pid}/cmdline`)
  return text === null || text === '' ? null : text.replaceAll('\0', ' ').trimEnd()
}

function answers(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: the process exists and belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Start time in clock ticks since boot, with the boot's id: a data directory outlives a reboot, and the ticks begin again. */
function fromProc(pid: number): ProcessIdentity | null {
  const stat = readProc(`/proc/${pid}/stat`)
  if (stat === null) return null
  // The name in field 2 may hold spaces and brackets; what follows the last bracket starts with field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z' || fields[0] === 'X') return null
  const boot = readProc('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
  return { pid, started: `${boot}:${fields[19]}` }
}

function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // The process ended meanwhile, or the system has no such file.
    return null
  }
}

function ps(pid: number, field: 'lstart' | 'command'): string | null {
  try {
    return execFileSync('ps', ['-o', `${field}=`, '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    // No such process, or no such tool.
    return null
  }
}
