import type { Json, JsonObject } from '../../../contracts/json.ts'
import { isObject } from '../history/prepare-transcript.ts'

/** Fields of a message or call by name, as they have been put together from pieces so far. */
export type KeptFields = Record<string, Json>

/**
 * Adds the fields of one streamed piece that this wire does not define: signatures, sealed reasoning. Some servers refuse the
 * next request without them, so they are kept as they came. Reasoning comes in pieces, told apart by `index` where there are
 * several; of any other field the last value counts.
 */
export function keepFields(kept: KeptFields, piece: JsonObject, defined: ReadonlySet<string>): void {
  for (const [name, value] of Object.entries(piece)) {
    if (defined.has(name) || value === null || value === undefined || value === '') continue
    const before = kept[name]
    if (typeof value === 'string' && typeof before === 'string' && isText(name)) kept[name] = before + value
    else if (Array.isArray(value)) kept[name] = addEntries(Array.isArray(before) ? before : [], value)
    else kept[name] = value
  }
}

/** `reasoning`, `reasoning_content`, `thinking` and their like; entries of lists have `text`, `summary` or `data`. */
function isText(name: string): boolean {
  return /^(reasoning|thinking)|^(text|summary|data)$/.test(name)
}

function addEntries(before: readonly Json[], added: readonly Json[]): Json[] {
  const entries = [...before]
  for (const entry of added) {
    const at = entries.findIndex((known) => isSameEntry(known, entry))
    const known = entries[at]
    if (!isObject(entry) || !isObject(known)) {
      entries.push(entry)
      continue
    }
    const merged: KeptFields = { ...known }
    keepFields(merged, entry, NONE)
    entries[at] = merged
  }
  return entries
}

const NONE: ReadonlySet<string> = new Set()

function isSameEntry(known: Json, entry: Json): boolean {
  if (!isObject(known) || !isObject(entry)) return false
  return (
    typeof entry['index'] === 'number' && known['index'] === entry['index'] && known['type'] === entry['type']
  )
}
