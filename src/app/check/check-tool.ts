import { EFFECTS } from '../../contracts/tools/tool.ts'
import { ACTIVITY_POLICY } from '../../policies/activities.ts'
import { MOST_NAME_CHARACTERS } from '../../policies/agent-defaults.ts'
import { MOST_LOCAL_MS } from '../../policies/tool-defaults.ts'
import { recall, remember } from '../define/memory-tools.ts'
import type { AnyTool } from '../define/tool-definition.ts'
import type { BuiltInTool } from '../tool.ts'
import { checkInput } from './check-input.ts'
import { checkNarrowing, checkRequires } from './check-requires.ts'
import { checkRules } from './check-rules.ts'
import { checkName, checkOneOf, checkPositive, isText } from './values.ts'

const BUILT_IN: Record<BuiltInTool, AnyTool> = { remember, recall }

/** Yields the problems of one tool, whichever agents have it. */
export function* checkTool(where: string, tool: AnyTool): Generator<string> {
  if (Object.hasOwn(ACTIVITY_POLICY, tool.name)) {
    yield `${where}: the product has an activity of this name, and a tool's activity goes by the tool's name. Choose another one.`
  } else yield* checkName(where, tool.name, MOST_NAME_CHARACTERS)
  yield* checkRequires(where, tool.requires)
  yield* checkNarrowing(where, tool.delegation?.narrows)
  if (tool.delegation === null) yield* checkToolWithHandlers(where, tool)
  else if (tool.description !== null && !isText(tool.description)) yield emptyDescription(where)
}

function* checkToolWithHandlers(where: string, tool: AnyTool): Generator<string> {
  const { description, effect, execution, timeoutMs, builtIn, handlers, notFunctions, unknownFields } = tool
  for (const name of unknownFields) {
    yield `${where}: a tool has no field "${name}". See what defineTool takes.`
  }
  if (!isText(description)) yield emptyDescription(where)
  yield* checkOneOf(`${where}: effect`, effect ?? null, EFFECTS)
  yield* checkOneOf(`${where}: idempotency`, tool.idempotency, ['key', 'none'])
  yield* checkOneOf(`${where}: execution`, execution, ['activity', 'local'])
  yield* checkPositive(`${where}: `, tool, ['timeoutMs', 'attempts'])
  for (const name of notFunctions) yield `${where}: ${name} is not a function. Make it one, or drop it.`
  if (builtIn === undefined && handlers.execute === undefined && !notFunctions.includes('execute')) {
    yield `${where}: execute is missing. Give the function that does the work.`
  }
  if (execution === 'local' && effect !== 'read') {
    yield `${where}: it is local and does not only read. Say effect: "read", or drop execution.`
  }
  if (execution === 'local' && timeoutMs !== undefined && timeoutMs > MOST_LOCAL_MS) {
    yield `${where}: it is local and may take ${timeoutMs} ms. Say at most ${MOST_LOCAL_MS}, or drop execution.`
  }
  if (builtIn !== undefined) yield* checkBuiltIn(where, tool, BUILT_IN[builtIn])
  const input = yield* checkInput(where, tool)
  yield* checkRules(where, tool, input)
}

/** Calls are authorised, claimed and repeated by what the tool says of itself, which has to be what the product does. */
function* checkBuiltIn(where: string, tool: AnyTool, own: AnyTool): Generator<string> {
  for (const field of ['effect', 'idempotency', 'execution'] as const) {
    if (tool[field] === own[field]) continue
    yield `${where}: the product carries it out, and its ${field} is fixed. Leave it as it is.`
  }
}

function emptyDescription(where: string): string {
  return `${where}: description is empty, and the model would not know what the tool is for. Say what it does, when to use it and what comes back.`
}
