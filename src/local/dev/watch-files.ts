import { createHash } from 'node:crypto'
import { type Dirent, type FSWatcher, readdirSync, readFileSync, watch } from 'node:fs'
import { dirname, join } from 'node:path'

export interface WatchOptions {
  /** Watched with all folders in it, but for hidden ones, packages and `except`. */
  readonly root: string
  /** Folders that are left out, absolute: the data directory changes all the time. */
  readonly except: readonly string[]
  /** Files elsewhere whose folders are watched, too. */
  readonly alsoFilesOf: () => Iterable<string>
  /** Whether a change of this file is worth telling. */
  readonly isRelevant: (path: string) => boolean
  /** Told once of a burst of changes, with the files whose content differs. */
  readonly onChange: (paths: readonly string[]) => void
  /** Told where the system watches no more folders. Those that are watched already still are. */
  readonly onError: (error: Error) => void
}

/** An editor writes a file in several steps; what comes within this time of the last one is one change. */
const BURST_MS = 100

const LEFT_OUT = new Set(['node_modules', 'dist', 'coverage'])

/** Watches files by their folders: an editor that writes aside and renames would take a watched file away. */
export function watchFiles(options: WatchOptions): Disposable {
  const { root, except, alsoFilesOf, isRelevant, onChange, onError } = options
  const watchers = new Map<string, FSWatcher>()
  const contents = new Map<string, string>()
  const burst = new Set<string>()
  let timer: NodeJS.Timeout | undefined

  function watchFolder(folder: string): void {
    if (watchers.has(folder)) return
    try {
      const watcher = watch(folder, (_, name) => {
        if (name === null) return
        burst.add(join(folder, name))
        clearTimeout(timer)
        timer = setTimeout(tell, BURST_MS)
      })
      watchers.set(folder, watcher)
      watcher.on('error', (error) => {
        // A folder that is deleted ends its watcher; it may come back under the same name.
        watcher.close()
        watchers.delete(folder)
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onError(error)
      })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onError(error as Error)
    }
  }

  function watchAll(): void {
    for (const folder of foldersIn(root, except)) watchFolder(folder)
    for (const file of alsoFilesOf()) {
      watchFolder(dirname(file))
      if (!contents.has(file)) contents.set(file, contentOf(file))
    }
  }

  function tell(): void {
    const changed = [...burst].filter((path) => isRelevant(path) && hasChanged(path))
    burst.clear()
    watchAll()
    if (changed.length > 0) onChange(changed)
  }

  function hasChanged(path: string): boolean {
    const now = contentOf(path)
    if (contents.get(path) === now) return false
    contents.set(path, now)
    return true
  }

  watchAll()
  return {
    [Symbol.dispose]() {
      clearTimeout(timer)
      for (const watcher of watchers.values()) watcher.close()
    },
  }
}

function foldersIn(folder: string, except: readonly string[]): string[] {
  let entries: Dirent[]
  try {
    entries = readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    // It was deleted meanwhile.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  const inner = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !LEFT_OUT.has(entry.name))
    .map(({ name }) => join(folder, name))
    .filter((path) => !except.includes(path))
  return [folder, ...inner.flatMap((path) => foldersIn(path, except))]
}

/** A hash of what is in the file; a word where there is none. */
function contentOf(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('base64')
  } catch {
    // Deleted, or a folder.
    return 'nothing to read'
  }
}
