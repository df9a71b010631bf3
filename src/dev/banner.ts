import { EXAMPLE } from './example.ts'
import type { Stack } from './start-stack.ts'

/** The one thing a person reads after a start. */
export function banner({ apiUrl, temporal, store, models }: Stack, startedInMs: number): string {
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
    '',
    '  Start a run:',
    '',
    `    curl -s ${apiUrl}/v1/runs -H 'content-type: application/json' \\`,
    `      -d '${JSON.stringify(EXAMPLE)}'`,
    '',
    '  or watch one from start to end, approval included: npm run demo',
    '  Ctrl-C stops everything; the state stays.',
    '',
  ].join('\n')
}
