import { z } from 'zod'
import { WINDOW_STRATEGIES } from '../../contracts/models/context.ts'
import { CHARACTERS_A_TOKEN, LEAST_WINDOW_TOKENS } from '../../policies/models/context.ts'
import type { AnyAgent } from '../define/agent-definition.ts'
import type { ModelsDefinition } from '../define/model-definition.ts'
import { isPromptFile } from '../define/prompt.ts'
import type { AnyTool } from '../define/tool-definition.ts'
import type { PromptTexts } from '../load-prompts.ts'
import { checkChoice } from './check-models.ts'
import { checkFields, checkOneOf, isPositive } from './values.ts'

/** Yields the problems of an agent's window. @param texts null where the folder of prompts does not exist */
export function* checkWindow(
  where: string,
  { definition }: AnyAgent,
  models: ModelsDefinition,
  texts: PromptTexts | null,
): Generator<string> {
  const window: unknown = definition.window
  if (window === undefined) return
  if (typeof window !== 'object' || window === null || Array.isArray(window)) {
    yield `${where}: window is ${JSON.stringify(window)}. Write window: { maxTokens: 16_000, strategy: 'both' }.`
    return
  }
  const { maxTokens, strategy, summaryModel } = window as Record<string, unknown>
  yield* checkFields(`${where}, window`, window, ['maxTokens', 'strategy', 'summaryModel'])
  yield* checkOneOf(`${where}: window.strategy`, strategy, WINDOW_STRATEGIES)
  if (summaryModel !== undefined) {
    yield* checkChoice(`${where}, window.summaryModel`, [summaryModel] as never, models)
    if (strategy === undefined || strategy === 'sliding')
      yield `${where}: window.summaryModel writes no summaries with the strategy "sliding". Say strategy: "summary" or "both", or drop it.`
  }
  if (!isPositive(maxTokens) || maxTokens < LEAST_WINDOW_TOKENS) {
    yield `${where}: window.maxTokens is ${String(maxTokens)}. Give a whole number, ${LEAST_WINDOW_TOKENS} or more.`
    return
  }
  const tokens = fixedTokens(definition, texts)
  if (tokens * 2 > maxTokens)
    yield `${where}: window.maxTokens is ${maxTokens}, and the instructions and tools alone have about ${tokens} tokens. Give at least twice as many, or shorten them.`
}

/** About how many tokens instructions and tools have. A function's text is known only when a run is started. */
function fixedTokens(
  { name, version, instructions, tools = [] }: AnyAgent['definition'],
  texts: PromptTexts | null,
): number {
  const reference = isPromptFile(instructions) ? instructions.reference : `${name}.${version}`
  const text = typeof instructions === 'string' ? instructions : (texts?.get(reference) ?? '')
  const characters = Array.isArray(tools) ? tools.reduce((sum, tool) => sum + charactersOf(tool), 0) : 0
  return Math.ceil((text.length + characters) / CHARACTERS_A_TOKEN)
}

function charactersOf(tool: Partial<AnyTool> | undefined): number {
  const words = `${tool?.name ?? ''}${tool?.description ?? ''}`
  if (!(tool?.input instanceof z.ZodObject)) return words.length
  const schema = z.toJSONSchema(tool.input, { io: 'input', unrepresentable: 'any' })
  return words.length + JSON.stringify(schema).length
}
