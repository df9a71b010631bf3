import { basename, dirname, extname, relative, resolve } from 'node:path'
import { loadConfig } from '../../config/config.ts'
import { failureText } from '../failure-text.ts'
import type { Stack } from '../start-stack.ts'
import type { AppLoader } from './app-loader.ts'
import { watchFiles } from './watch-files.ts'

export interface RestartOptions {
  readonly loader: AppLoader
  /** The application's file, as it was named. */
  readonly file: string
  readonly dataDir: string
  readonly stack: Pick<Stack, 'replaceApp' | 'models'>
  readonly say: (text: string) => void
}

/** Files that an application reads besides its modules: prompts, migrations, data. */
const DATA_EXTENSIONS = ['.md', '.txt', '.sql', '.json']
const CODE_EXTENSIONS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs']
const PROMPT_LOCK = 'prompts.lock.json'
/** Each state of the application is started with the variables as they are now. */
const VARIABLES = '.env'

/** Restarts the worker when a file of the application changes. An application that does not load, or lacks its environment, is not used. */
export function restartOnChange({ loader, file, dataDir, stack, say }: RestartOptions): Disposable {
  const waiting = new Set<string>()
  let busy = false
  let broken = false
  let models = stack.models

  async function restart(paths: readonly string[]): Promise<void> {
    const began = performance.now()
    const names = paths.map((path) => relative('', path)).join(', ')
    try {
      const app = await loader.load()
      const answering = await stack.replaceApp(app, loadConfig(app.environment))
      broken = false
      const seconds = ((performance.now() - began) / 1000).toFixed(1)
      const others = answering === models ? '' : `; models: ${answering}`
      models = answering
      say(`  ${names} changed: the worker has started again (${seconds} s)${others}\n`)
    } catch (error) {
      broken = true
      say(`  ${names} changed, and the worker stays as it was:\n\n${failureText(error)}\n`)
    }
  }

  async function work(): Promise<void> {
    if (busy) return
    busy = true
    while (waiting.size > 0) {
      const paths = [...waiting]
      waiting.clear()
      await restart(paths)
    }
    busy = false
  }

  return watchFiles({
    root: dirname(resolve(file)),
    except: [dataDir],
    alsoFilesOf: loader.files,
    isRelevant: (path) =>
      loader.files().has(path) ||
      basename(path) === VARIABLES ||
      (DATA_EXTENSIONS.includes(extname(path)) && !path.endsWith(PROMPT_LOCK)) ||
      // A file that was missing may be what keeps the application from loading.
      (broken && CODE_EXTENSIONS.includes(extname(path))),
    onChange(paths) {
      for (const path of paths) waiting.add(path)
      void work()
    },
    onError: (error) => say(`  A change of some files will not be noticed (${error.message}).\n`),
  })
}
