/** A piece of a text: itself, or the hash of a part that has it. */
export type Piece = string | readonly [sha256: string]

/** A text as a list of pieces. Its JSON is what the store has of it. */
export type Rope = readonly Piece[]

/** A part as it is stored, under its hash. */
export interface WirePart {
  readonly isRope: boolean
  /** The text, or the JSON of a rope. */
  readonly body: string
}

export function readRope(json: string): Rope {
  return JSON.parse(json) as Rope
}

/** The hashes of the parts that the rope itself names. */
export function partsOf(rope: Rope): readonly string[] {
  return rope.flatMap((piece) => (typeof piece === 'string' ? [] : [piece[0]]))
}

/** The text of a rope; null where a part of it is missing. */
export function joined(rope: Rope, parts: ReadonlyMap<string, WirePart>): string | null {
  const texts = new Map<string, string | null>()

  function textOf(sha256: string): string | null {
    const known = texts.get(sha256)
    if (known !== undefined) return known
    const part = parts.get(sha256)
    // Set first: parts that name each other in a circle, which hashes rule out, would otherwise never end.
    texts.set(sha256, null)
    const text = part === undefined ? null : part.isRope ? join(readRope(part.body)) : part.body
    texts.set(sha256, text)
    return text
  }

  function join(pieces: Rope): string | null {
    const found: string[] = []
    for (const piece of pieces) {
      const text = typeof piece === 'string' ? piece : textOf(piece[0])
      if (text === null) return null
      found.push(text)
    }
    return found.join('')
  }

  return join(rope)
}
