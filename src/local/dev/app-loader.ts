import { realpathSync } from 'node:fs'
import { type RegisterHooksOptions, registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { App } from '../../app/app.ts'
import { loadApp } from '../../app/load-app.ts'

export interface AppLoader extends Disposable {
  /** Loads the application anew, with all its own files as they are now. @throws AppNotLoaded */
  load(): Promise<App>
  /** Absolute paths of the application's own files that loads have read so far; files of packages are not among them. */
  files(): ReadonlySet<string>
}

/** The URL parameter that distinguishes the loads of one file: Node caches a module by its URL for as long as the process runs. */
const LOAD = 'holdfast'

/** The product's own files, as source or built: every load uses the same copy of them. */
const PRODUCT = new URL('../../', import.meta.url).href

/** Counts the loads of all loaders of this process, so that no two use the same module URLs. */
let loads = 0

/**
 * Imports a module of the application that its own files do not import, as it is now. It then belongs to the files of a loader that is
 * in use.
 */
export function importAnew(module: URL): Promise<{ readonly default?: unknown }> {
  loads += 1
  const url = new URL(module)
  url.searchParams.set(LOAD, String(loads))
  return import(url.href)
}

/** Loads an application again and again in one process. The application of an earlier load is unaffected by a later one. */
export function createAppLoader(file: string): AppLoader {
  const files = new Set<string>()

  /** Gives an imported file of the application the load of the file that imports it. */
  const resolve: RegisterHooksOptions['resolve'] = (specifier, context, nextResolve) => {
    const resolved = nextResolve(specifier, context)
    const load = loadOf(context.parentURL) ?? loadOf(specifier)
    if (load === null || !isOfApplication(resolved.url)) return resolved
    const url = new URL(resolved.url)
    files.add(fileURLToPath(new URL(url.pathname, url)))
    url.searchParams.set(LOAD, load)
    return { ...resolved, url: url.href }
  }
  const hooks = registerHooks({ resolve })

  return {
    files: () => files,
    async load() {
      loads += 1
      const load = String(loads)
      return loadApp(file, (url) => {
        files.add(realpathSync(fileURLToPath(url)))
        url.searchParams.set(LOAD, load)
        return import(url.href)
      })
    },
    [Symbol.dispose]: () => hooks.deregister(),
  }
}

function loadOf(url: string | undefined): string | null {
  return url === undefined || !URL.canParse(url) ? null : new URL(url).searchParams.get(LOAD)
}

function isOfApplication(url: string): boolean {
  return url.startsWith('file:') && !url.startsWith(PRODUCT) && !url.includes('/node_modules/')
}
