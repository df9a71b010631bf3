import type { CallPiece } from './chunk.schema.ts'

/** A tool call put together from its pieces. */
export interface CollectedCall {
  readonly index: number | undefined
  id: string
  name: string
  /** JSON text; servers that send the value itself have it in `value`. */
  text: string
  value: unknown
  /** A server's own fields, which it wants back with the call: a signature of the thought that led to it, say. */
  extra: Record<string, unknown>
}

/**
 * Adds a piece to the call that it is of, or begins one. OpenAI numbers the calls and names each at its first piece. Compatible
 * servers leave the number out, give every call the number 0, or give each piece an id of its own.
 */
export function addPiece(calls: CollectedCall[], piece: CallPiece): void {
  const { index, id = '', type: _, function: said = {}, ...extra } = piece
  const { name = '' } = said
  const text = typeof said.arguments === 'string' ? said.arguments : ''
  const found = findCall(calls, index, id, name)
  const call =
    found !== undefined && continues(found, id, name, text)
      ? found
      : { index, id: '', name: '', text: '', value: undefined, extra: {} }
  if (call !== found) calls.push(call)
  if (call.id === '') call.id = id
  if (name !== '') call.name = name
  call.text += text
  if (said.arguments !== null && typeof said.arguments === 'object') call.value = said.arguments
  Object.assign(call.extra, extra)
}

/** The number says more than the id. A piece with neither, and one without a name, is of the call that was begun last. */
function findCall(
  calls: readonly CollectedCall[],
  index: number | undefined,
  id: string,
  name: string,
): CollectedCall | undefined {
  const numbered = index === undefined ? [] : calls.filter((call) => call.index === index)
  const among = index === undefined ? calls : numbered
  const known = id === '' ? undefined : among.findLast((call) => call.id === id)
  if (known !== undefined) return known
  return numbered.at(-1) ?? (index === undefined || (name === '' && id === '') ? calls.at(-1) : undefined)
}

/** Whether a piece goes on with a call. One that names a tool begins another, unless the server repeats the name in each piece. */
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
