import { globSync, readFileSync } from 'node:fs'

/** Linux counts processor time in hundredths of a second. */
const MS_PER_TICK = 10

/**
 * Processor time of a process and its children so far, in ms: of those that have ended too, or a database server would seem to
 * have worked less whenever a connection is let go. Linux only.
 */
export function processorMs(pid: number): number {
  let ticks = 0
  for (const { pid: candidate, parent, own, ended } of processes()) {
    if (candidate === pid) ticks += own + ended
    else if (parent === pid) ticks += own
  }
  return ticks * MS_PER_TICK
}

function processes(): { pid: number; parent: number; own: number; ended: number }[] {
  return globSync('/proc/[0-9]*/stat').flatMap((path) => {
    const fields = statOf(path)
    if (fields === null) return []
    const [, parent = '0'] = fields
    return [
      {
        pid: Number(path.split('/')[2]),
        parent: Number(parent),
        own: Number(fields[11]) + Number(fields[12]),
        ended: Number(fields[13]) + Number(fields[14]),
      },
    ]
  })
}

/** The fields after the name, which may itself hold spaces; null for a process that has just ended. */
function statOf(path: string): string[] | null {
  try {
    const text = readFileSync(path, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}
