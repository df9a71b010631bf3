import { createHash } from 'node:crypto'
import { type Dirent, type FSWatcher, readdirSync, readFileSync, watch } from 'node:fs'
import { dirname, join } from 'node:path'

export interface WatchOptions {
  /** Watched with all folders in it, but for hidden ones, packages and `except`. */
  readonly root: string
  /** Absolute paths of folders that are left out, such as the data directory, which changes all the time. */
  readonly except: readonly string[]
  /** Files outside `root` whose folders are watched, too. */
  readonly alsoFilesOf: () => Iterable<string>
  /** Whether a change of this file counts. */
  readonly isRelevant: (path: string) => boolean
  /** Called once for a burst of changes, with the files whose content differs. */
  readonly onChange: (paths: readonly string[]) => void
  /** Called where the system refuses to watch a further folder. Those that are watched already still are. */
  readonly onError: (error: Error) => void
}

/** An editor writes a file in several steps: changes that follow each other within this time count as one. */
const DEBOUNCE_MS = 100

const LEFT_OUT = new Set(['node_modules', 'dist', 'coverage'])

/** Watches folders in place of files: an editor that saves by renaming another file replaces the watched one. */
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
        timer = setTimeout(reportBurst, DEBOUNCE_MS)
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

  function reportBurst(): void {
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
    // The folder was deleted meanwhile.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  const inner = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !LEFT_OUT.has(entry.name))
    .map(({ name }) => join(folder, name))
    .filter((path) => !except.includes(path))
  return [folder, ...inner.flatMap((path) => foldersIn(path, except))]
}

/** A hash of the file's content; a fixed text where there is no file. */
function contentOf(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('base64')
  } catch {
    // Deleted, or a folder.
    return 'nothing to read'
  }
}
