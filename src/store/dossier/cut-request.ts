import { hash } from 'node:crypto'
import { DOSSIER } from '../../policies/operations/dossier.ts'
import { endOfString, itemsOf } from './json-items.ts'
import type { Piece, Rope, WirePart } from './rope.ts'

/** Members of a request that grow with the conversation. */
const GROWING: readonly string[] = ['"messages"', '"input"']

/** A request's body in pieces, and the parts that they name, each before those that name it. */
export interface CutRequest {
  readonly rope: Rope
  readonly parts: ReadonlyMap<string, WirePart>
}

/**
 * Cuts the JSON text of a request into parts that the run's other requests have as well: its tools, its instructions, each message, and
 * long strings within them. Neighbouring messages become one part, and so do neighbours of such parts: the request at the end of a
 * conversation of n messages names about log n of them. So what is stored of a run grows with its conversation, and not with its square.
 *
 * The pieces are slices of the text. Put together they are the same text, whatever it is.
 */
export function cutRequest(text: string): CutRequest {
  const parts = new Map<string, WirePart>()

  function keep(part: WirePart): Piece {
    const sha256 = hash('sha256', part.body, 'base64url')
    // A rope and a text of the same letters would have one hash.
    const name = part.isRope ? `r${sha256}` : sha256
    parts.set(name, part)
    return [name]
  }

  function partOf(pieces: readonly Piece[]): Piece {
    const rope = merged(pieces)
    const [only] = rope
    if (rope.length !== 1 || only === undefined) return keep({ isRope: true, body: JSON.stringify(rope) })
    if (typeof only !== 'string') return only
    return only.length < DOSSIER.leastPartCharacters ? only : keep({ isRope: false, body: only })
  }

  function cutStrings(value: string): Piece[] {
    if (value.length < DOSSIER.stringPartCharacters) return [value]
    const pieces: Piece[] = []
    let from = 0
    for (let at = value.indexOf('"'); at >= 0; at = value.indexOf('"', at + 1)) {
      const end = endOfString(value, at)
      if (end < 0) break
      if (end - at >= DOSSIER.stringPartCharacters) {
        pieces.push(value.slice(from, at), keep({ isRope: false, body: value.slice(at, end + 1) }))
        from = end + 1
      }
      at = end
    }
    return [...pieces, value.slice(from)]
  }

  function cutList(value: string): readonly Piece[] {
    const items = itemsOf(value)
    if (items === null) return [partOf(cutStrings(value))]
    const units = items.map(({ start, end }, index) => [
      index === 0 ? '' : ',',
      partOf(cutStrings(value.slice(start, end))),
    ])
    return [value.slice(0, 1), ...grouped(units), value.slice(-1)]
  }

  /** Full groups become parts, from the beginning on, so that the groups of a conversation stay the same while it grows. */
  function grouped(units: readonly (readonly Piece[])[]): readonly Piece[] {
    const full = units.length - (units.length % DOSSIER.fanOut)
    if (full === 0) return units.flat()
    const groups = Array.from({ length: full / DOSSIER.fanOut }, (_, n) =>
      units.slice(n * DOSSIER.fanOut, (n + 1) * DOSSIER.fanOut),
    )
    return [...grouped(groups.map((group) => [partOf(group.flat())])), ...units.slice(full).flat()]
  }

  function cutMember(member: string): readonly Piece[] {
    const start = member.indexOf('"')
    const colon = endOfString(member, start) + 1
    const name = member.slice(start, colon)
    const value = member.slice(colon + 1)
    const pieces = GROWING.includes(name) ? cutList(value) : [partOf(cutStrings(value))]
    return [member.slice(0, colon + 1), ...pieces]
  }

  const members = text.startsWith('{') ? itemsOf(text) : null
  if (members === null) return { rope: [keep({ isRope: false, body: text })], parts }
  const pieces = members.flatMap(({ start, end }, index) => [
    index === 0 ? '' : ',',
    ...cutMember(text.slice(start, end)),
  ])
  return { rope: merged(['{', ...pieces, text.slice(-1)]), parts }
}

/** Neighbouring texts as one. */
function merged(pieces: readonly Piece[]): Piece[] {
  const rope: Piece[] = []
  for (const piece of pieces) {
    const last = rope.at(-1)
    if (typeof piece === 'string' && typeof last === 'string') rope[rope.length - 1] = last + piece
    else if (piece !== '') rope.push(piece)
  }
  return rope
}
