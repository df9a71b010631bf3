import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { App } from '../../app/app.ts'
import type { PlannedAgent, RunPlan } from '../../contracts/runs/plan.ts'
import { CommandError } from '../command-error.ts'

/** SHA-256 of each published text, by `name.version`. */
export type PromptLock = Readonly<Record<string, string>>

export interface LockReport {
  /** Published prompts that are gone or changed. */
  readonly problems: readonly string[]
  /** Prompts of the application that the lock does not have. */
  readonly unlocked: readonly string[]
}

/** The lock of an application is beside its file. */
export function lockPathOf(appFile: string): string {
  return join(dirname(appFile), 'prompts.lock.json')
}

/** null where there is no file. @throws CommandError where the file is not a lock */
export function readLock(path: string): PromptLock | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  try {
    const lock: unknown = JSON.parse(text)
    if (isLock(lock)) return lock
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new CommandError(
    `${path} is no lock of prompts: an object of name.version → SHA-256. Get it back from version control.`,
  )
}

export function writeLock(path: string, lock: PromptLock): void {
  const sorted = Object.fromEntries(Object.entries(lock).sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(path, `${JSON.stringify(sorted, null, 2)}\n`)
}

/** Hashes of the prompts that a run of today would be pinned to, and of the lock's prompts that the application still has. */
export function promptsOf(app: Pick<App, 'agents' | 'plan' | 'prompt'>, lock: PromptLock): PromptLock {
  const current = app.agents
    .flatMap((agent) => promptsIn(app.plan(agent.name)))
    .map(({ name, version }) => `${name}.${version}`)
  const texts = [...new Set([...Object.keys(lock), ...current])].map(
    (key) => [key, textOf(app, key)] as const,
  )
  return Object.fromEntries(texts.flatMap(([key, text]) => (text === null ? [] : [[key, sha256(text)]])))
}

/** A published text must stay as it is: runs under way were started with it, and records name it by its version. */
export function compareWithLock(now: PromptLock, lock: PromptLock): LockReport {
  const problems = Object.entries(lock).flatMap(([key, published]) => {
    if (now[key] === published) return []
    return now[key] === undefined
      ? [
          `Prompt ${key} is published and gone. Put it back, or run "holdfast check --update" once no run needs it.`,
        ]
      : [
          `Prompt ${key} is published and differs from what it was. Put it back, and make the change a new version.`,
        ]
  })
  return { problems, unlocked: Object.keys(now).filter((key) => !(key in lock)) }
}

/** The text of `name.version`, where only the version may contain dots; null where the application has no such prompt. */
function textOf(app: Pick<App, 'prompt'>, key: string): string | null {
  const [, name = '', version = ''] = /^([^.]+)\.(.+)$/.exec(key) ?? []
  return app.prompt(name, version)
}

function promptsIn(plan: RunPlan | null): PlannedAgent['prompt'][] {
  if (plan === null) return []
  const team = [plan, ...Object.values(plan.specialists ?? {})].map(({ prompt }) => prompt)
  return [...team, ...Object.values(plan.subAgents ?? {}).flatMap(promptsIn)]
}

function isLock(value: unknown): value is PromptLock {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((hash) => typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash))
  )
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
