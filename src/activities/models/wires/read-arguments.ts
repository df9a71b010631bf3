import { isDeeperThan, type JsonObject } from '../../../contracts/json.ts'
import type { CallProblem } from '../../../contracts/tool.ts'
import { SIZES } from '../../../policies/limits.ts'
import { storableCopy } from '../../../store/database/postgres-text.ts'

/** A tool call's arguments as they are kept; empty where they can't be used. */
export interface ReadArguments {
  readonly arguments: JsonObject
  /** The text that goes back to the provider: the model's own where it says the same. */
  readonly text: string
  readonly problem?: Extract<CallProblem, 'tool_arguments_not_json' | 'tool_arguments_too_large'>
  /** The beginning of what can't be used, so that the model sees what to mend. */
  readonly received?: string
}

/**
 * Reads a call's arguments once, before anything is hashed. Nothing at all counts as `{}`, as models write for a tool without
 * parameters; a JSON text in a JSON string is unwrapped once. Anything else that is no object is a problem that the model is
 * told about: a lenient reading would turn a call that was cut short into another call.
 */
export function readArguments(said: unknown): ReadArguments {
  if (typeof said !== 'string') return said === undefined || said === null ? NONE : fromValue(said, null)
  if (said.trim() === '') return NONE
  if (said.length > SIZES.maxArgumentsBytes) return unusable('tool_arguments_too_large', said)
  const value = parsed(said)
  const inner = typeof value === 'string' ? parsed(value) : undefined
  return inner === undefined ? fromValue(value, said) : fromValue(inner, null, said)
}

const NONE: ReadArguments = { arguments: {}, text: '{}' }

function fromValue(value: unknown, text: string | null, said = text ?? ''): ReadArguments {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return unusable('tool_arguments_not_json', said)
  if (isDeeperThan(value, SIZES.maxArgumentsDepth)) return unusable('tool_arguments_too_large', said)
  const kept = storableCopy(value) as JsonObject
  const json = JSON.stringify(kept)
  if (Buffer.byteLength(json) > SIZES.maxArgumentsBytes) return unusable('tool_arguments_too_large', said)
  return { arguments: kept, text: text !== null && JSON.stringify(value) === json ? text : json }
}

function unusable(problem: NonNullable<ReadArguments['problem']>, said: string): ReadArguments {
  const received = storableCopy(said.slice(0, SIZES.receivedExcerptCharacters)) as string
  return { ...NONE, problem, ...(received !== '' && { received }) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
