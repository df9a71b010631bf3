import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { App } from './app.ts'

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
 * @throws AppNotLoaded
 */
export async function loadApp(
  file: string,
  importModule: ImportModule = (url) => import(url.href),
): Promise<App> {
  const path = resolve(file)
  if (!existsSync(path)) throw new AppNotLoaded(`There is no file ${file} (looked for ${path}).`)
  if (!statSync(path).isFile()) {
    throw new AppNotLoaded(`${file} is a folder. Name the file whose default export is the application.`)
  }
  const module = await importModule(pathToFileURL(path)).catch((error: unknown) => {
    throw new AppNotLoaded(whyNotImported(file, error), { cause: error })
  })
  const missing = missingOf(module.default)
  if (missing === null) return module.default as App
  throw new AppNotLoaded(
    `${file} exports no application: ${missing}.\n` +
      `It has to end with:  export default defineApp({ name: '…', agents: [ … ] })`,
  )
}

function whyNotImported(file: string, error: unknown): string {
  const problems = problemsOf(error)
  if (problems !== null) {
    const lines = problems.map((problem) => `  - ${problem.replaceAll('\n', '\n    ')}`)
    return `The application in ${file} is not usable:\n${lines.join('\n')}`
  }
  return `${file} could not be loaded:\n  ${traceOf(error).replaceAll('\n', '\n  ')}`
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

/** This package's own files, as source or built. */
const PRODUCT = new URL('../', import.meta.url).href

/** The error with the lines of its stack that are the application's: where in it the error was thrown. */
function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const [head = '', ...frames] = (error.stack ?? String(error)).split(/\n(?= {4}at )/)
  const own = frames.filter((frame) => !/\bnode:/.test(frame) && !frame.includes(PRODUCT))
  // The stack of a syntax error begins with the place and the line, and has no message where a stack is cut off.
  const message = head.includes(error.message) ? head : `${head}\n${error.message}`
  return [message.replaceAll(/\?holdfast=\d+/g, ''), ...own].join('\n').replaceAll(/\?holdfast=\d+/g, '')
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
