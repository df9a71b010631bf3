import { relative } from 'node:path'
import type { App } from '../app/app.ts'
import type { LocalKey } from './local-key.ts'
import type { Stack } from './start-stack.ts'

/** The one thing a person reads after a start. A key is shown when it is made, and never again. */
export function banner(
  { apiUrl, temporal, store, models, key }: Stack,
  app: Pick<App, 'agents' | 'local'>,
  startedInMs: number,
): string {
  const workflows =
    temporal.uiUrl === null ? '' : ` · ${temporal.uiUrl}/namespaces/${temporal.namespace}/workflows`
  return [
    '',
    `  Holdfast is ready (${(startedInMs / 1000).toFixed(1)} s)`,
    '',
    `  API        ${apiUrl} · reference at ${apiUrl}/docs`,
    `  Temporal   ${temporal.address}${workflows}`,
    `  Store      ${store}`,
    `  Models     ${models}`,
    ...tellKey(key),
    '',
    '  Start a run:',
    '',
    `    curl -s ${apiUrl}/v1/runs -H 'content-type: application/json' \\`,
    ...(key === null ? [] : [`      -H "authorization: Bearer ${bearer(key)}" \\`]),
    `      -d '${JSON.stringify(exampleOf(app))}'`,
    '',
    '  or watch one from start to end, approval included: npm run demo',
    '  Ctrl-C stops everything; the state stays.',
    '',
  ].join('\n')
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
