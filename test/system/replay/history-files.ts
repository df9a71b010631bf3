import { globSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type History, historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import { AGENT_RUN } from '../../../src/workflows/agent-run.messages.ts'
import type { Scenario } from './scenarios/scenario.ts'

export const HISTORIES = join(import.meta.dirname, 'histories')

const CHECKOUT = join(import.meta.dirname, '../../..')
/** What paths in stack traces begin with, longest first: where the checkout is, and its packages, which may be linked. */
const PLACES = [CHECKOUT, dirname(realpathSync(join(CHECKOUT, 'node_modules')))].flatMap((place) => {
  const { href, pathname } = pathToFileURL(`${place}/`)
  return [href, pathname, `${place}/`]
})

/** `agentRun_0.1.0_approved.json`; executions that follow each other have `-1`, `-2` … at the end. */
export interface HistoryFile {
  readonly path: string
  readonly name: string
  readonly release: string
  readonly scenario: string
}

const NAME = /^[A-Za-z]+_(?<release>\d+\.\d+\.\d+)_(?<scenario>[a-z-]*[a-z])(-\d+)?\.json$/

/** Every history that is kept, release by release. */
export function historyFiles(): readonly HistoryFile[] {
  return globSync('*.json', { cwd: HISTORIES })
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((name) => {
      const { release, scenario } = NAME.exec(name)?.groups ?? {}
      if (release === undefined || scenario === undefined) throw new Error(`What is ${name} a history of?`)
      return { path: join(HISTORIES, name), name, release, scenario }
    })
}

export function fileName(
  release: string,
  scenario: string,
  execution: number,
  executions: number,
  workflow: string = AGENT_RUN,
): string {
  return `${workflow}_${release}_${scenario}${executions > 1 ? `-${execution}` : ''}.json`
}

/** A history as a file holds it: an event a line, without what only says on which machine it was recorded. */
export function historyText(history: History): string {
  const { events } = JSON.parse(historyToJSON(history)) as { events: readonly object[] }
  const text = `{"events":[\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]}\n`
  return PLACES.reduce(
    (rest, place) => rest.replaceAll(place, ''),
    text.replaceAll(new RegExp(`\\b${process.pid}@[\\w.-]+`, 'g'), 'recording'),
  )
}

/** Whether a scenario is one of this release. */
export function isOf(
  release: string,
  { since = '0.1.0', until = release }: Pick<Scenario, 'since' | 'until'>,
) {
  return isUpTo(since, release) && isUpTo(release, until)
}

function isUpTo(release: string, other: string): boolean {
  return release.localeCompare(other, 'en', { numeric: true }) <= 0
}

/** The release that this checkout is, or is to become. */
export function currentRelease(): string {
  const manifest = join(CHECKOUT, 'package.json')
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
}
