import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { identify, isRunning, type ProcessIdentity } from './process-info.ts'

interface Holder extends ProcessIdentity {
  readonly token: string
}

export interface Lock {
  /** Gives the lock back; a second call does nothing. */
  release(): void
}

/** Somebody who is alive has the lock. */
export class LockHeld extends Error {
  override readonly name = 'LockHeld'
  readonly pid: number

  constructor(path: string, pid: number) {
    super(`${path} is held by process ${pid}`)
    this.pid = pid
  }
}

/**
 * Takes the lock at `path`, which is a file that names its holder. One left behind by a killed process is taken over, and
 * a process that merely got the dead one's pid is not mistaken for it.
 *
 * Only one process at a time may replace a stale lock, and it looks again once it may: otherwise two that found the same
 * corpse would both walk away as holders.
 *
 * @throws LockHeld
 */
export function acquireLock(path: string): Lock {
  const mine: Holder = { ...myself(), token: randomUUID() }
  const draft = `${path}.${mine.token}`
  writeFileSync(draft, JSON.stringify(mine))
  try {
    claim(path, draft)
  } finally {
    rmSync(draft, { force: true })
  }
  return {
    release() {
      if (read(path)?.token === mine.token) rmSync(path, { force: true })
    },
  }
}

function claim(path: string, draft: string): void {
  if (linked(draft, path)) return
  refuseIfAlive(path)

  const takeover = `${path}.takeover`
  if (!linked(draft, takeover)) {
    refuseIfAlive(takeover)
    // Its holder died in the few microseconds that a takeover takes.
    rmSync(takeover, { force: true })
    claim(path, draft)
    return
  }
  try {
    refuseIfAlive(path)
    const copy = `${draft}.new`
    linkSync(draft, copy)
    renameSync(copy, path)
  } finally {
    rmSync(takeover, { force: true })
  }
}

/** Puts the finished file in place in one move, so that nobody ever reads half a lock; false where one is there already. */
function linked(draft: string, path: string): boolean {
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function refuseIfAlive(path: string): void {
  const holder = read(path)
  if (holder !== null && isRunning(holder)) throw new LockHeld(path, holder.pid)
}

/** null where there is none, or where what is there was never a lock of ours. */
function read(path: string): Holder | null {
  try {
    const { pid, started, token } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Holder>
    return typeof pid === 'number' && typeof started === 'string' && typeof token === 'string'
      ? { pid, started, token }
      : null
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function myself(): ProcessIdentity {
  return identify(process.pid) ?? { pid: process.pid, started: '' }
}
