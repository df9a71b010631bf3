import { relative } from 'node:path'
import type { App } from '../app/app.ts'
import type { LocalKey } from './local-key.ts'
import type { Stack } from './start-stack.ts'

interface Told {
  /** The application's file; null where it is not known. */
  readonly file: string | null
  readonly startedInMs: number
}

/** The text that a person reads after a start. It shows a new key, and never again. */
export function banner(stack: Stack, app: Pick<App, 'agents' | 'local'>, told: Told): string {
  const { apiUrl, temporal, store, models, modelGaps, key } = stack
  return [
    '',
    `  Holdfast is ready (${(told.startedInMs / 1000).toFixed(1)} s)`,
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
    ...tellKey(key),
    '',
    '  Start a run:',
    '',
    `    curl -s ${apiUrl}/v1/runs -H 'content-type: application/json' \\`,
    ...(key === null ? [] : [`      -H "authorization: Bearer ${bearer(key)}" \\`]),
    `      -d '${quotable(JSON.stringify(exampleOf(app)))}'`,
    '',
    ...(app.local.example === undefined || told.file === null
      ? []
      : [`  or watch it from start to end, approval included: holdfast demo ${told.file}`]),
    '  Ctrl-C stops everything; the state stays.',
    '',
  ].join('\n')
}

/** Between single quotes of a shell. */
function quotable(text: string): string {
  return text.replaceAll("'", `'\\''`)
}

/** A run to start, as JSON: the application's own example, or a word to its first agent. */
function exampleOf({ agents, local }: Pick<App, 'agents' | 'local'>): object {
  return local.example ?? { agent: agents[0]?.name ?? '', input: 'Hello' }
}

function tellKey(key: LocalKey | null): string[] {
  if (key === null) return ['  Access     open to everybody on this machine (HOLDFAST_AUTH=none)']
  const file = shown(key.path)
  if (key.state === 'dead')
    return [
      `  Admin key  the one in ${file} is no longer valid; delete the file for a new one at the next start`,
    ]
  if (key.state === 'known') return [`  Admin key  in ${file}`]
  return [`  Admin key  ${key.text}`, `             shown this once, kept in ${file}`]
}

function bearer({ state, text, path }: LocalKey): string {
  return state === 'new' ? text : `$(cat ${shown(path)})`
}

function shown(path: string): string {
  const near = relative('.', path)
  return near.startsWith('..') ? path : near
}
