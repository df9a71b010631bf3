import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { APP_TIMING } from '../policies/app-timing.ts'
import type { App } from './app.ts'
import { appTrace } from './app-trace.ts'
import { within } from './within.ts'

/** The application's file cannot be used. The message says why to the author of the file, without the product's part of the stack. */
export class AppNotLoaded extends Error {
  override readonly name = 'AppNotLoaded'
}

/** Imports a module of the application. The local stack passes one that loads a file anew after a change. */
export type ImportModule = (url: URL) => Promise<{ readonly default?: unknown }>

/**
 * The application that a file exports by default. Node strips the types of a `.ts` file by itself.
 *
 * @param file relative to the working directory
 * @param withinMs how long the import may take
 * @throws AppNotLoaded
 */
export async function loadApp(
  file: string,
  importModule: ImportModule = (url) => import(url.href),
  withinMs: number = APP_TIMING.loadMs,
): Promise<App> {
  const path = resolve(file)
  if (!existsSync(path)) throw new AppNotLoaded(`There is no file ${file} (looked for ${path}).`)
  if (!statSync(path).isFile()) {
    throw new AppNotLoaded(`${file} is a folder. Name the file whose default export is the application.`)
  }
  using _ = failOnExit(file)
  const late = `It was not loaded within ${withinMs / 1000} s. An await at the top level of it, or of a file that it imports, does not end.`
  const module = await within(withinMs, () => importModule(pathToFileURL(path)), late).catch(
    (error: unknown) => {
      throw new AppNotLoaded(whyNotImported(file, error), { cause: error })
    },
  )
  const missing = missingOf(module.default)
  if (missing === null) return module.default as App
  throw new AppNotLoaded(
    `${file} exports no application: ${missing}.\n` +
      `It has to end with:  export default defineApp({ name: '…', agents: [ … ] })`,
  )
}

/** A file that calls `process.exit(0)` would otherwise end a command as if it had succeeded. */
function failOnExit(file: string): Disposable {
  const fail = () => {
    process.exitCode = 1
    process.stderr.write(`${file} has ended the process while it was loaded: it calls process.exit.\n`)
  }
  process.once('exit', fail)
  return { [Symbol.dispose]: () => process.off('exit', fail) }
}

function whyNotImported(file: string, error: unknown): string {
  const problems = problemsOf(error)
  if (problems !== null) {
    const lines = problems.map((problem) => `  - ${problem.replaceAll('\n', '\n    ')}`)
    return `The application in ${file} is not usable:\n${lines.join('\n')}`
  }
  return `${file} could not be loaded:\n  ${appTrace(error).replaceAll('\n', '\n  ')}`
}

/**
 * What `defineApp` found wrong; null for another error. By its name and not its class, since the application may have another
 * copy of the package than the command that loads it.
 */
function problemsOf(error: unknown): readonly string[] | null {
  if (!(error instanceof Error) || error.name !== 'AppUnusable') return null
  const { problems } = error as { problems?: unknown }
  return Array.isArray(problems) ? problems.map(String) : null
}

/** What the value lacks to be an application; null where it is one. */
function missingOf(value: unknown): string | null {
  if (value === undefined) return 'there is no default export'
  if (value === null || typeof value !== 'object') return `the default export is a ${typeof value}`
  if (value instanceof Promise) return 'the default export is a promise; await it'
  const fields = value as Record<string, unknown>
  const functions = ['plan', 'tool', 'prompt', 'hasAgent'].filter(
    (name) => typeof fields[name] !== 'function',
  )
  if (functions.length === 0 && Array.isArray(fields['agents'])) return null
  return 'the default export is an object that defineApp did not make'
}
