import { relative } from 'node:path'
import { EXAMPLE } from '../cli/demo/example.ts'
import type { LocalKey } from './local-key.ts'
import type { Stack } from './start-stack.ts'

/** The text that a person reads after a start. It shows a new key, and never again. */
export function banner({ apiUrl, temporal, store, models, key }: Stack, startedInMs: number): string {
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
    `      -d '${JSON.stringify(EXAMPLE)}'`,
    '',
    '  or watch one from start to end, approval included: npm run demo',
    '  Ctrl-C stops everything; the state stays.',
    '',
  ].join('\n')
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
