import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { App } from './app.ts'

/** The file that was named as the application is none. The message is for a person at a terminal. */
export class AppNotLoaded extends Error {
  override readonly name = 'AppNotLoaded'
}

/**
 * The application that a module of the user's has as its default export.
 *
 * @throws AppNotLoaded where there is no such module, or it exports something else; whatever the module itself throws
 */
export async function loadApp(path: string | null | undefined): Promise<App> {
  if (path === null || path === undefined)
    throw new AppNotLoaded('Which application? Name its file as the argument, or in HOLDFAST_APP.')
  const file = resolve(path)
  const module = await import(pathToFileURL(file).href).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ERR_MODULE_NOT_FOUND' || !cause.message.includes(`'${file}'`)) throw cause
    throw new AppNotLoaded(`There is no file ${file}: it was named as the application.`, { cause })
  })
  const app: unknown = (module as { default?: unknown }).default
  if (!isApp(app)) throw new AppNotLoaded(`${file} has no application as its default export.`)
  return app
}

function isApp(value: unknown): value is App {
  const members: readonly (keyof App)[] = ['name', 'agents', 'plan', 'tool', 'environment', 'local']
  return typeof value === 'object' && value !== null && members.every((member) => member in value)
}
