import type { JsonObject } from '../../../../contracts/json.ts'
import type { CallPiece } from './chunk.schema.ts'
import { type KeptFields, keepFields } from './keep-fields.ts'

const DEFINED = new Set(['index', 'id', 'type', 'function'])

/** A tool call put together from its pieces. */
export interface CollectedCall {
  id: string
  name: string
  /** JSON text of the arguments; some servers send the value itself, which is in `value`. */
  text: string
  value: unknown
  /** A server's own fields, which later requests have to contain with the call: a signature of the reasoning before it, say. */
  readonly extra: KeptFields
}

export interface CollectedCalls {
  readonly list: readonly CollectedCall[]
  /** Adds a piece to its call, or begins a call. */
  add(piece: CallPiece): void
}

/**
 * Puts calls together from their pieces. OpenAI numbers the calls and names each at its first piece. Compatible servers leave the
 * number out, give every call the number 0, or give each piece an id of its own.
 */
export function createCalls(): CollectedCalls {
  const list: CollectedCall[] = []
  // The last call that was begun with a number, an id, or both. A map, since an answer may have very many calls.
  const begun = new Map<string, CollectedCall>()

  /** The number counts before the id. A piece with neither, and without a name, belongs to the call that was begun last. */
  function find(index: number | undefined, id: string, name: string): CollectedCall | undefined {
    const known = id === '' ? undefined : begun.get(keyOf(index, id))
    if (known !== undefined) return known
    const numbered = index === undefined ? undefined : begun.get(keyOf(index, ''))
    const isOfLast = index === undefined || (name === '' && id === '')
    return numbered ?? (isOfLast ? list.at(-1) : undefined)
  }

  function begin(index: number | undefined, id: string): CollectedCall {
    const call = { id: '', name: '', text: '', value: undefined, extra: {} }
    list.push(call)
    for (const key of [keyOf(index, id), keyOf(index, ''), keyOf(undefined, id)]) begun.set(key, call)
    return call
  }

  return {
    list,
    add(piece) {
      const { index, id = '', function: called = {} } = piece
      const { name = '' } = called
      const text = typeof called.arguments === 'string' ? called.arguments : ''
      const found = find(index, id, name)
      const call = found !== undefined && continues(found, id, name, text) ? found : begin(index, id)
      if (call.id === '') call.id = id
      if (name !== '') call.name = name
      call.text += text
      if (called.arguments !== null && typeof called.arguments === 'object') call.value = called.arguments
      keepFields(call.extra, piece as JsonObject, DEFINED)
    },
  }
}

function keyOf(index: number | undefined, id: string): string {
  return `${index ?? ''}/${id}`
}

/** Whether a piece continues a call. A piece with a name begins another call, unless the server repeats the name in each piece. */
function continues(call: CollectedCall, id: string, name: string, text: string): boolean {
  if (name === '' || call.name === '') return true
  if (name !== call.name || (id !== '' && call.id !== '' && id !== call.id)) return false
  return text === '' || !isWhole(call.text)
}

function isWhole(text: string): boolean {
  if (!text.trimEnd().endsWith('}')) return false
  try {
    return JSON.parse(text) !== null
  } catch {
    return false
  }
}
