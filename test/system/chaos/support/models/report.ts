import { availableParallelism, loadavg } from 'node:os'
import type { Audit } from './audit.ts'
import { PROVIDERS } from './charge.ts'
import type { BadDays, Played } from './play-bad-days.ts'

/** Requests for each answer that was stored. */
export function amplification({ calls, bills }: Pick<Audit, 'calls' | 'bills'>): number {
  return bills.length / calls.filter(({ status }) => status === 'ok').length
}

/** What was injected, asked, answered, booked and ended, as tables of Markdown. */
export function report({ seed, runs, awayMs }: BadDays, played: Played, audit: Audit): string {
  const { providers, plans, circuits, weather, kills, tookMs } = played
  const { calls, bills, comparison, happened } = audit
  const faults = countBy(plans.flatMap(({ injected }) => injected.map(({ kind }) => kind)))
  const [hurting = 0, odd = 0] = plans.map(({ injected }) => injected.length)
  const ends = countBy(played.runs.map(({ ended }) => endOf(ended)))
  const [load = 0] = loadavg()
  const spent = sum(calls, ({ costMicroUsd }) => costMicroUsd ?? 0)
  const unknown = sum(calls, ({ unknownMicroUsd }) => unknownMicroUsd)
  const charged = sum(bills, ({ chargedMicroUsd }) => chargedMicroUsd)
  const atRisk = sum(bills, ({ atRiskMicroUsd }) => atRiskMicroUsd)

  return [
    `${new Date().toISOString().slice(0, 10)}, ${runs} runs, seed ${seed}, ${(tookMs / 1_000).toFixed(0)} s; ${availableParallelism()} cores, ` +
      `load ${load.toFixed(1)}, Node ${process.versions.node}`,
    table(
      [
        'provider',
        'endpoint',
        'model',
        'requests',
        'answered',
        'broken off',
        'failed',
        'charged, micro-USD',
        'at risk',
      ],
      PROVIDERS.flatMap((name) =>
        providers[name]
          .ledger()
          .map((row) => [
            name,
            row.endpoint,
            row.model,
            row.received,
            row.answered,
            row.brokenOff,
            row.failed,
            row.costMicroUsd,
            row.atRiskMicroUsd,
          ]),
      ),
    ),
    table(
      ['fault', 'requests'],
      [...faults].sort(([, left], [, right]) => right - left),
    ),
    table(
      ['what', 'how much'],
      [
        ...[...ends].map(([end, n]) => [`runs: ${end}`, n] as const),
        ['stuck', audit.promises.stuck.length],
        ['effects doubled, missing or wrong', audit.promises.wrongEffects.length],
        ['requests to models', bills.length],
        ['of them made to fail by the plan', share(hurting, bills.length)],
        ['odd, and whole', share(odd, bills.length)],
        ['providers away', `${weather.join('; ')}: ${awayMs / 1_000} s each`],
        ['workers killed', kills],
        ['requests for each stored answer', amplification(audit).toFixed(2)],
        [
          'circuits',
          circuits.map(({ model, state, changes }) => `${model} ${state} ${changes}`).join(', ') ||
            'no change',
        ],
        ['answers given again', happened.cacheHits],
        ['embeddings', happened.embeddings],
        ['windows, summaries written', `${happened.windows}, ${happened.summaries}`],
        ['hedges', happened.hedges],
        ['answers read on by another attempt', happened.reattached],
        ['answers that did not fit, that were cut off', `${happened.repairs}, ${happened.continued}`],
        ['escalations', happened.escalations],
        ['waits for models', happened.waitsForModels],
        ['booked as spent, micro-USD', spent],
        ['booked as unknown', unknown],
        ['charged by the providers', charged],
        ['charged, and nobody saw the end', `${comparison.unseenMicroUsd}, ${comparison.unseen} answers`],
        ['begun, and broken off', atRisk],
        ['spent + unknown over charged', (spent + unknown - charged).toString()],
      ],
    ),
  ].join('\n\n')
}

function endOf(ended: Played['runs'][number]['ended']): string {
  return ended === null ? 'not ended' : [ended.status, ended.reason].filter(Boolean).join(' ')
}

function share(part: number, whole: number): string {
  return `${part} (${((100 * part) / whole).toFixed(1)} %)`
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function countBy<K>(keys: readonly K[]): Map<K, number> {
  return new Map([...Map.groupBy(keys, (key) => key)].map(([key, own]) => [key, own.length]))
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}
