import { relative } from 'node:path'
import type { App } from '../app/app.ts'
import type { LocalKey } from './local-key.ts'
import type { Stack } from './start-stack.ts'

/** How a person gives a command in this folder: a project has `holdfast` among its packages, the repository runs it from source. */
const COMMAND = import.meta.filename.endsWith('.ts')
  ? 'npx node --conditions=source src/cli/main.ts'
  : 'npx holdfast'

interface BannerOptions {
  /** The application's file; null where it is not known. */
  readonly file: string | null
  readonly startedInMs: number
}

/** The text that a person reads after a start. A key is in it only at the start that has made the key. */
export function banner(
  stack: Stack,
  app: Pick<App, 'agents' | 'local'>,
  { file, startedInMs }: BannerOptions,
): string {
  const { apiUrl, temporal, store, models, modelGaps, key } = stack
  return [
    '',
    `  Holdfast is ready (${(startedInMs / 1000).toFixed(1)} s)`,
    '',
    `  API        ${apiUrl}`,
    `  API docs   ${apiUrl}/docs`,
    ...(temporal.uiUrl === null
      ? []
      : [`  Web UI     ${temporal.uiUrl}/namespaces/${temporal.namespace}/workflows`]),
    `  Temporal   ${temporal.address}`,
    `  Store      ${store}`,
    `  Models     ${models}`,
    ...modelGaps.map((text) => `             ${text}`),
    ...keyLines(key),
    '',
    '  Start a run:',
    '',
    `    curl -s ${apiUrl}/v1/runs -H 'content-type: application/json' \\`,
    ...(key === null ? [] : [`      -H "authorization: Bearer ${bearer(key)}" \\`]),
    `      -d '${quotable(JSON.stringify(exampleOf(app)))}'`,
    '',
    ...(app.local.example === undefined || file === null
      ? []
      : [`  or watch it from start to end, approval included: ${COMMAND} demo ${file}`]),
    '  Ctrl-C stops everything; the state stays.',
    '',
  ].join('\n')
}

/** The text as it stands between single quotes of a shell. */
function quotable(text: string): string {
  return text.replaceAll("'", `'\\''`)
}

/** A run to start, as JSON: the application's own example, or a word to its first agent. */
function exampleOf({ agents, local }: Pick<App, 'agents' | 'local'>): object {
  return local.example ?? { agent: agents[0]?.name ?? '', input: 'Hello' }
}

function keyLines(key: LocalKey | null): string[] {
  if (key === null) return ['  Access     open to everybody on this machine (HOLDFAST_AUTH=none)']
  const file = shortPath(key.path)
  if (key.state === 'invalid')
    return [
      `  Admin key  the one in ${file} is no longer valid; delete the file for a new one at the next start`,
    ]
  if (key.state === 'existing') return [`  Admin key  in ${file}`]
  return [`  Admin key  ${key.text}`, `             shown this once, kept in ${file}`]
}

function bearer({ state, text, path }: LocalKey): string {
  return state === 'new' ? text : `$(cat ${shortPath(path)})`
}

/** Relative where the file is within the working directory. */
function shortPath(path: string): string {
  const short = relative('.', path)
  return short.startsWith('..') ? path : short
}
