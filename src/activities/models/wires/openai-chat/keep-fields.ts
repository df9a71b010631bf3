import { isJsonObject, type Json, type JsonObject } from '../../../../contracts/json.ts'

/** Fields of a message or call by name, put together from the pieces so far. */
export type KeptFields = Record<string, Json>

/**
 * Adds the fields of one streamed piece that this wire does not define: signatures, sealed reasoning. Some servers refuse the
 * next request without them, so they are kept as they came. Reasoning comes in pieces, in a field or in the entries of a list;
 * of any other field the last value counts.
 */
export function keepFields(kept: KeptFields, piece: JsonObject, defined: ReadonlySet<string>): void {
  for (const [name, value] of Object.entries(piece)) {
    if (defined.has(name) || value === null || value === undefined || value === '') continue
    const before = kept[name]
    if (typeof value === 'string' && typeof before === 'string' && isReasoning(name))
      kept[name] = before + value
    else if (Array.isArray(value)) kept[name] = addEntries(Array.isArray(before) ? before : [], value)
    else kept[name] = value
  }
}

/** `reasoning`, `reasoning_content`, `thinking` and their like; entries of lists have `text`, `summary` or `data`. */
function isReasoning(name: string): boolean {
  return /^(reasoning|thinking)|^(text|summary|data)$/.test(name)
}

/** Adds entries in place, since an answer may have very many pieces. A piece continues the entry before it, or begins one. */
function addEntries(entries: Json[], added: readonly Json[]): Json[] {
  for (const entry of added) {
    const last = entries.at(-1)
    if (isJsonObject(entry) && isJsonObject(last) && isSameEntry(last, entry))
      keepFields(last as KeptFields, entry, NONE)
    else entries.push(isJsonObject(entry) ? { ...entry } : entry)
  }
  return entries
}

const NONE: ReadonlySet<string> = new Set()

function isSameEntry(last: JsonObject, { index, type }: JsonObject): boolean {
  return typeof index === 'number' && last['index'] === index && last['type'] === type
}
