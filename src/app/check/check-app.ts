import { existsSync } from 'node:fs'
import { MOST_APP_NAME_CHARACTERS } from '../../policies/agent-defaults.ts'
import type { AnyAgent } from '../define/agent-definition.ts'
import type { AnyAppDefinition } from '../define/app-definition.ts'
import type { Setup } from '../define/setup-definition.ts'
import { loadPrompts } from '../load-prompts.ts'
import { checkAgent } from './check-agent.ts'
import { checkFolder, checkMigrations, isFileUrl, isFolder } from './check-folders.ts'
import { checkInstructions } from './check-instructions.ts'
import { checkModels } from './check-models.ts'
import { checkSetup } from './check-setup.ts'
import { checkTeam } from './check-team.ts'
import { checkTerms } from './check-terms.ts'
import { checkTools } from './check-tools.ts'
import { checkWindow } from './check-window.ts'
import { checkFields, checkName, isText, thereAre } from './values.ts'

const FIELDS = ['name', 'agents', 'approvalTerms', 'models', 'prompts', 'migrations', 'context', 'local']

/** Yields every problem of an application, one a line, each with what mends it. */
export function* checkApp(definition: AnyAppDefinition, setup: Setup | null): Generator<string> {
  const { models = {}, prompts, migrations, context } = definition
  const where = isText(definition.name) ? `application "${definition.name}"` : 'the application'
  yield* checkFields(where, definition, FIELDS)
  yield* checkName(where, definition.name, MOST_APP_NAME_CHARACTERS)
  yield* checkSetup(setup)
  if (context !== undefined && typeof context !== 'function') {
    yield 'context is not a function. Write context: ({ caller, now }) => ({ … }).'
  }
  if (prompts !== undefined) yield* checkFolder('prompts', prompts)
  if (migrations !== undefined) yield* checkFolder('migrations', migrations)
  yield* checkMigrations(definition)
  yield* checkTerms(definition)
  yield* checkModels(models)
  yield* checkAgents(definition, setup)
}

function* checkAgents(definition: AnyAppDefinition, setup: Setup | null): Generator<string> {
  const { agents, models = {}, prompts } = definition
  if (!Array.isArray(agents) || agents.length === 0) {
    yield 'agents is empty. Add what defineAgent gives.'
    return
  }
  const usable: AnyAgent[] = []
  for (const [index, agent] of (agents as readonly unknown[]).entries()) {
    if (isAgent(agent)) usable.push(agent)
    else
      yield `agents[${index}] is not an agent. Make it with defineAgent; files that import each other in a circle give undefined.`
  }
  const texts = isFileUrl(prompts) && isFolder(prompts) ? loadPrompts(prompts) : null
  const names = new Set<string>()
  for (const [index, agent] of usable.entries()) {
    const { name } = agent.definition
    const where = isText(name) ? `agent "${name}"` : `agents[${index}]`
    if (names.has(name)) yield `${where}: there are two agents of this name. Rename one.`
    names.add(name)
    if (agent.setup !== null && agent.setup !== setup) {
      yield `${where}: it was made for another environment and services. Make it with the defineAgent of the same setup as defineApp.`
    }
    yield* checkAgent(where, agent, models)
    yield* checkWindow(where, agent, models, texts)
    yield* checkInstructions(where, agent, definition, prompts === undefined ? new Map() : texts)
  }
  const withTools = yield* checkTools(usable, definition, setup)
  yield* checkTeam(withTools)
  yield* checkLocal(definition, withTools)
}

function* checkLocal({ local = {} }: AnyAppDefinition, agents: readonly AnyAgent[]): Generator<string> {
  const { seed, script, example } = local
  yield* checkFields('local', local, ['seed', 'script', 'example'])
  if (seed !== undefined && typeof seed !== 'function') {
    yield 'local: seed is not a function. Write seed: async (db) => { … }.'
  }
  if (script !== undefined && !(isFileUrl(script) && existsSync(script))) {
    yield 'local: script is not the URL of a file that is there. Write script: new URL("./script.ts", import.meta.url).'
  }
  const names = agents
    .filter(({ definition }) => definition.startable !== false)
    .map(({ definition }) => definition.name)
  if (example !== undefined && !names.includes(example.agent)) {
    yield `local: no run can be started with the example's agent "${example.agent}". ${thereAre(names)}.`
  }
  if (example !== undefined && !isText(example.input))
    yield 'local: the example has no input. Say what the agent is asked.'
}

function isAgent(value: unknown): value is AnyAgent {
  return typeof value === 'object' && value !== null && 'holdfast' in value && value.holdfast === 'agent'
}
