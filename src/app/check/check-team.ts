import type { AnyAgent } from '../define/agent-definition.ts'
import type { AnyTool, Delegation } from '../define/tool-definition.ts'
import { narrowTools } from '../plan/narrow-tools.ts'
import { planTool } from '../plan/plan-tool.ts'
import { quoted, thereAre } from './values.ts'

type Team = ReadonlyMap<string, AnyAgent>

/**
 * Yields the problems between agents: handoffs and sub-agents without a target, agents that no run gets to, circles of sub-agents,
 * and sub-agents without a usable tool.
 */
export function* checkTeam(agents: readonly AnyAgent[]): Generator<string> {
  const team: Team = new Map(agents.map((agent) => [agent.definition.name, agent]))
  yield* checkTargets(team)
  if (agents.length > 0 && !agents.some(isStartable)) {
    yield 'agents: no run can be started with any of them. Leave startable out of one.'
  }
  const reached = reachedFrom(team, [...team.values()].filter(isStartable), ['handoff', 'child'])
  for (const [name, agent] of team) {
    if (isStartable(agent) || reached.has(name) || !agents.some(isStartable)) continue
    yield `agent "${name}": nobody starts it and nobody is handed to it. Leave startable out, or add handoff({ to: "${name}" }) to another agent.`
  }
  for (const circle of circlesOf(team)) {
    yield `agents: sub-agents start each other in a circle: ${circle.join(' → ')}. Take out one of these subAgent tools.`
  }
  yield* checkUsableTools(team)
}

function* checkTargets(team: Team): Generator<string> {
  for (const [name, agent] of team) {
    for (const { delegation, name: tool } of toolsOf(agent)) {
      if (delegation === null) continue
      const kind = delegation.execution === 'handoff' ? 'hands to' : 'starts'
      if (!team.has(delegation.to)) {
        yield `agent "${name}": its tool "${tool}" ${kind} "${delegation.to}", which is no agent. ${thereAre(team.keys())}.`
      } else if (delegation.to === name) {
        yield `agent "${name}": its tool "${tool}" ${kind} the agent itself. Name another one in to, or drop the tool.`
      }
    }
  }
}

/** A run gives a sub-agent only those of its tools that its parent's team has, too. A sub-agent that loses all of them could not work. */
function* checkUsableTools(team: Team): Generator<string> {
  for (const [name, agent] of team) {
    for (const { delegation } of toolsOf(agent)) {
      const child = delegation?.execution === 'child' ? team.get(delegation.to) : undefined
      if (child === undefined || child === agent) continue
      const own = toolsOf(child).filter((tool) => tool.delegation === null)
      const others = [...reachedFrom(team, [agent], ['handoff'])].flatMap((one) => team.get(one) ?? [])
      const teamTools = [agent, ...others].flatMap(toolsOf)
      if (own.length === 0 || narrowTools(own.map(planTool), teamTools.map(planTool)).length > 0) continue
      yield `agent "${name}": its sub-agent "${delegation?.to}" could use none of its tools, since neither "${name}" nor anybody whom it hands to has one: ${quoted(own.map((tool) => tool.name))}. Give "${name}" those that it may use.`
    }
  }
}

/** Each circle of sub-agents once, as the names that it goes through. */
function circlesOf(team: Team): readonly (readonly string[])[] {
  const circles = new Map<string, readonly string[]>()
  const walk = (path: readonly string[]): void => {
    for (const to of startedBy(team, path.at(-1) ?? '')) {
      const from = path.indexOf(to)
      if (from < 0) walk([...path, to])
      else if (path.length - from > 1) {
        const circle = path.slice(from)
        circles.set([...circle].sort().join(' '), [...circle, to])
      }
    }
  }
  for (const name of team.keys()) walk([name])
  return [...circles.values()]
}

/** Names of the sub-agents that an agent starts, or that an agent starts which it hands the run to. */
function startedBy(team: Team, name: string): readonly string[] {
  const agent = team.get(name)
  if (agent === undefined) return []
  const others = [...reachedFrom(team, [agent], ['handoff'])].flatMap((one) => team.get(one) ?? [])
  return [...new Set([agent, ...others].flatMap((one) => targetsOf(one, ['child'])))]
}

/** Names of all agents that tools of these kinds lead to from `start`, directly or through other agents. */
function reachedFrom(
  team: Team,
  start: readonly AnyAgent[],
  kinds: readonly Delegation['execution'][],
): ReadonlySet<string> {
  const reached = new Set(start.flatMap((agent) => targetsOf(agent, kinds)))
  // The loop also visits names that are added while it runs.
  for (const name of reached) {
    const agent = team.get(name)
    if (agent !== undefined) for (const to of targetsOf(agent, kinds)) reached.add(to)
  }
  return reached
}

function targetsOf(agent: AnyAgent, kinds: readonly Delegation['execution'][]): readonly string[] {
  return toolsOf(agent).flatMap(({ delegation }) =>
    delegation !== null && kinds.includes(delegation.execution) ? [delegation.to] : [],
  )
}

function isStartable({ definition }: AnyAgent): boolean {
  return definition.startable !== false
}

function toolsOf({ definition }: AnyAgent): readonly AnyTool[] {
  return definition.tools ?? []
}
