import { readProviderLimits } from '../../activities/models/limits/read-provider-limits.ts'
import { createPriceBook } from '../../activities/models/prices/price-book.ts'
import { readPriceOverrides } from '../../activities/models/prices/read-price-overrides.ts'
import { readApiLimits } from '../../api/limits/read-api-limits.ts'
import type { App } from '../../app/app.ts'
import { loadApp } from '../../app/load-app.ts'
import { type Config, loadConfig, loadVariables } from '../../config/config.ts'
import { modelGaps } from '../../worker/model-gaps.ts'
import { readAppArguments } from '../app-argument.ts'
import { compareWithLock, lockPathOf, promptsOf, readLock, writeLock } from './prompt-lock.ts'

interface Findings {
  /** Problems that the application has wherever it runs: exit code 1. */
  readonly problems: string[]
  /** What this machine's configuration lacks; problems only with --here. */
  readonly lacking: string[]
  readonly notes: string[]
}

/** `holdfast check [APP] [--update] [--here]`. */
export async function check(args: readonly string[]): Promise<number> {
  const { file, flags } = readAppArguments('check', args, {
    update: { type: 'boolean' },
    here: { type: 'boolean' },
  })
  const config = loadConfig()
  const app = await loadApp(file)
  const findings: Findings = { problems: [], lacking: [], notes: [] }
  checkModels(app, config, findings)
  checkEnvironment(app, findings)
  checkPrompts(app, file, flags['update'] === true, findings)
  return printFindings(app, findings, flags['here'] === true)
}

function checkModels(
  app: App,
  { providers, pricesPath, limitsPath, apiLimitsPath }: Config,
  { problems, lacking, notes }: Findings,
): void {
  const prices = createPriceBook(readPriceOverrides(pricesPath, app.models))
  readProviderLimits(limitsPath, app.models)
  readApiLimits(apiLimitsPath)
  const own = app.environment.readProviders(loadVariables())
  lacking.push(...own.problems)
  for (const { lacks, refuses, text } of modelGaps(app, {
    providers: [...providers, ...own.providers],
    prices,
  })) {
    if (lacks === 'key') lacking.push(text)
    else (refuses ? problems : notes).push(text)
  }
}

function checkEnvironment({ environment }: App, { lacking }: Findings): void {
  const read = environment.read(loadVariables())
  if ('problems' in read) lacking.push(...read.problems)
}

function checkPrompts(app: App, file: string, update: boolean, { problems, notes }: Findings): void {
  const path = lockPathOf(file)
  const lock = readLock(path) ?? {}
  const now = promptsOf(app, lock)
  if (update) {
    writeLock(path, now)
    notes.push(`${path} has the prompts as they are now: ${Object.keys(now).join(', ')}.`)
    return
  }
  const { problems: changed, unlocked } = compareWithLock(now, lock)
  problems.push(...changed)
  if (unlocked.length > 0)
    notes.push(`Not in ${path} yet: ${unlocked.join(', ')}. "holdfast check --update" writes them there.`)
}

/** @returns the exit code */
function printFindings(app: App, { problems, lacking, notes }: Findings, here: boolean): number {
  const wrong = here ? [...problems, ...lacking] : problems
  const rest = here ? notes : [...lacking, ...notes]
  printList('Problems', wrong, process.stderr)
  printList(here ? 'Notes' : 'To know, before it runs here', rest, process.stdout)
  if (wrong.length > 0) return 1
  const names = app.agents.map(({ name, version }) => `${name} ${version}`).join(', ')
  process.stdout.write(`${app.name} can start. Agents: ${names}.\n`)
  return 0
}

function printList(heading: string, lines: readonly string[], out: NodeJS.WriteStream): void {
  if (lines.length > 0) out.write(`${heading}:\n${lines.map((line) => `  - ${line}`).join('\n')}\n\n`)
}
