import { createHash } from 'node:crypto'
import type { CallModelInput } from '../contracts/activities.ts'
import { ESTIMATE, WRAP_UP } from '../policies/budgets.ts'
import type { Dependencies } from './dependencies.ts'
import type { ToolSpec } from './models/model-adapter.ts'

/** What a request has besides the messages. */
export interface RequestFrame {
  readonly system: string
  readonly tools: readonly ToolSpec[]
  /** The most tokens that this can be: no token is less than a byte. */
  readonly tokens: number
  /** The same for two requests that differ in their messages only. */
  readonly key: string
}

/** null where this build does not carry the prompt's version. Frames are few and asked for in every step: each is made once. */
export function createRequestFrames({
  findPrompt,
  findTool,
}: Pick<Dependencies, 'findPrompt' | 'findTool'>): (input: CallModelInput) => RequestFrame | null {
  const made = new Map<string, RequestFrame>()

  function make({ prompt, tools: names, wrapUp, model }: CallModelInput): RequestFrame | null {
    const text = findPrompt(prompt.name, prompt.version)
    if (text === null) return null
    const system = wrapUp ? `${text}\n\n${WRAP_UP}` : text
    const tools = wrapUp ? [] : names.flatMap((name) => findTool(name) ?? [])
    const specs = JSON.stringify(
      tools.map(({ name, description, inputSchema }) => [name, description, inputSchema]),
    )
    return {
      system,
      tools,
      tokens: Buffer.byteLength(system) + Buffer.byteLength(specs) + ESTIMATE.fixedOverheadTokens,
      key: createHash('sha256')
        .update(JSON.stringify([model.provider, model.wire, model.model, system, specs]))
        .digest('base64url')
        .slice(0, 22),
    }
  }

  return (input) => {
    const { prompt, tools, wrapUp = false, model } = input
    const key = JSON.stringify([
      prompt.name,
      prompt.version,
      tools,
      wrapUp,
      model.provider,
      model.wire,
      model.model,
    ])
    const frame = made.get(key) ?? make(input)
    if (frame !== null) made.set(key, frame)
    return frame
  }
}
