import { isDeeperThan, type JsonObject } from '../../../contracts/json.ts'
import type { CallProblem } from '../../../contracts/tools/tool.ts'
import { SIZES } from '../../../policies/limits.ts'
import { storableCopy } from '../../../store/database/postgres-text.ts'

/** A tool call's arguments as they are kept; empty where they can't be used. */
export interface ReadArguments {
  readonly arguments: JsonObject
  /** The text for the provider's next request: the model's own where it means the same as `arguments`. */
  readonly text: string
  readonly problem?: Extract<CallProblem, 'tool_arguments_not_json' | 'tool_arguments_too_large'>
  /** The beginning of arguments that can't be used, so that the model sees what to correct. */
  readonly received?: string
}

/**
 * Reads a call's arguments once, before anything is hashed. Absent arguments count as `{}`, as models write them for a tool without
 * parameters; a JSON text in a JSON string is unwrapped once. Anything else that is no object is a problem that the model reads as the
 * call's result: a lenient reading would turn a call that was cut short into another call.
 */
export function readArguments(written: unknown): ReadArguments {
  if (typeof written !== 'string')
    return written === undefined || written === null ? NONE : fromValue(written, null)
  if (written.trim() === '') return NONE
  if (written.length > SIZES.maxArgumentsBytes) return unusableArguments('tool_arguments_too_large', written)
  const value = parsed(written)
  const inner = typeof value === 'string' ? parsed(value) : undefined
  return inner === undefined ? fromValue(value, written) : fromValue(inner, null, written)
}

const NONE: ReadArguments = { arguments: {}, text: '{}' }

function fromValue(value: unknown, text: string | null, written = text ?? ''): ReadArguments {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return unusableArguments('tool_arguments_not_json', written)
  if (isDeeperThan(value, SIZES.maxArgumentsDepth))
    return unusableArguments('tool_arguments_too_large', written)
  const kept = storableCopy(value) as JsonObject
  const json = JSON.stringify(kept)
  if (Buffer.byteLength(json) > SIZES.maxArgumentsBytes)
    return unusableArguments('tool_arguments_too_large', written)
  return { arguments: kept, text: text !== null && JSON.stringify(value) === json ? text : json }
}

function unusableArguments(problem: NonNullable<ReadArguments['problem']>, written: string): ReadArguments {
  const received = storableCopy(written.slice(0, SIZES.receivedExcerptCharacters)) as string
  return { ...NONE, problem, ...(received !== '' && { received }) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
