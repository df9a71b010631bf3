import { createHash } from 'node:crypto'
import type { AnswerSchema } from '../../app/answer-schema.ts'
import { createLruMap } from '../../contracts/lru-map.ts'
import { INPUT_TOKEN_ESTIMATE, WRAP_UP } from '../../policies/budgets.ts'
import { WORKER } from '../../policies/worker.ts'
import { findStoredPrompt, promptHash } from '../../store/runs/prompts.ts'
import { runFields } from '../../telemetry/fact-run.ts'
import type { Dependencies } from '../dependencies.ts'
import { findAnswerSchema } from './answers/find-answer-schema.ts'
import type { KnownModelCall } from './find-planned-call.ts'
import type { ToolSpec } from './wires/model-adapter.ts'
import { outputInstruction } from './wires/output-format.ts'

/** The parts of a request before the messages. */
export interface RequestPreamble {
  readonly system: string
  readonly tools: readonly ToolSpec[]
  /** What the final answer has to be; null where it may be any text. */
  readonly output: AnswerSchema | null
  /** Upper bound of its tokens: no token is less than a byte. */
  readonly tokens: number
  /** A hash that is the same for requests that differ in their messages only. */
  readonly key: string
}

/**
 * Builds preambles, and keeps those that were used last, since every step needs one. It gives null where neither this build nor the
 * store has the prompt, or where this build lacks a tool or can't check the
 * plan's output schema: such a worker must not call a model for the agent.
 */
export function createRequestPreambles({
  database,
  app,
  logger,
}: Pick<Dependencies, 'database' | 'app' | 'logger'>): (
  input: KnownModelCall,
) => Promise<RequestPreamble | null> {
  const kept = createLruMap<string, RequestPreamble>(WORKER.preamblesKept)

  async function make(input: KnownModelCall): Promise<RequestPreamble | null> {
    const { run, agent, prompt, tools: names, output: planned, wrapUp, model } = input
    const text = await promptText(prompt)
    const unknown = names.filter((name) => app.tool(name) === null)
    const output = planned === undefined ? null : findAnswerSchema(app, agent, planned)
    if (text === null || unknown.length > 0 || (planned !== undefined && output === null)) {
      const missing = [
        ...(text === null ? [`prompt ${prompt.name}@${prompt.version}`] : []),
        ...unknown,
        ...(planned !== undefined && output === null ? ['a check of its output schema'] : []),
      ]
      logger.warn({ ...runFields(run), agent, missing }, 'left to a worker that knows them')
      return null
    }
    const system = wrapUp ? `${text}\n\n${WRAP_UP}` : text
    const tools = wrapUp ? [] : names.flatMap((name) => app.tool(name) ?? [])
    const specs = JSON.stringify(
      tools.map(({ name, description, inputSchema }) => [name, description, inputSchema]),
    )
    return {
      system,
      tools,
      output,
      tokens:
        Buffer.byteLength(system) +
        Buffer.byteLength(specs) +
        // Some servers get the schema twice: as a parameter and in the instructions.
        (planned === undefined ? 0 : 2 * Buffer.byteLength(outputInstruction(planned))) +
        INPUT_TOKEN_ESTIMATE.fixedOverheadTokens,
      key: createHash('sha256')
        .update(
          JSON.stringify([
            model.provider,
            model.wire,
            model.model,
            system,
            specs,
            ...(planned === undefined ? [] : [planned]),
          ]),
        )
        .digest('base64url')
        .slice(0, 22),
    }
  }

  /** The text that the run was accepted with: another build may have another text under the same name and version. */
  async function promptText({ name, version, hash }: KnownModelCall['prompt']): Promise<string | null> {
    const ours = app.prompt(name, version)
    if (hash === undefined || (ours !== null && promptHash(ours) === hash)) return ours
    return findStoredPrompt(database, hash)
  }

  return async (input) => {
    const { agent, prompt, tools, output, wrapUp = false, model } = input
    const key = JSON.stringify([
      agent,
      prompt.name,
      prompt.version,
      prompt.hash,
      tools,
      output,
      wrapUp,
      model.provider,
      model.wire,
      model.model,
    ])
    const preamble = kept.get(key) ?? (await make(input))
    if (preamble !== null) kept.set(key, preamble)
    return preamble
  }
}
