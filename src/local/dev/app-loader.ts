import { realpathSync } from 'node:fs'
import { type RegisterHooksOptions, registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { App } from '../../app/app.ts'
import { loadApp } from '../../app/load-app.ts'

export interface AppLoader extends Disposable {
  /** Loads the application anew, with all files of its own as they are now. @throws AppNotLoaded */
  load(): Promise<App>
  /** Files of the application's own that loads have read so far, absolute: not those of packages. */
  files(): ReadonlySet<string>
}

/** The parameter that tells the loads of one file apart: Node keeps a module for as long as the process runs, by its URL. */
const LOAD = 'holdfast'

/** The product's own files, as source or built: one copy of them has to serve every load. */
const PRODUCT = new URL('../../', import.meta.url).href

/** Of every loader of this process: two of them must not take each other's modules for their own. */
let loads = 0

/** Loads an application again and again in one process. What an earlier load has made stays as it is until nobody uses it. */
export function createAppLoader(file: string): AppLoader {
  const files = new Set<string>()

  /** A file of the application that one of its own files imports belongs to the same load as that one. */
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
