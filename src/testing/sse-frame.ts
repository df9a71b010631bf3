/** One server-sent event. A piece is one that brings text or arguments: a script may ask for a wait before it. */
export interface SseFrame {
  readonly text: string
  readonly piece: boolean
}

export function frame(event: string | null, data: unknown, piece = false): SseFrame {
  const head = event === null ? '' : `event: ${event}\n`
  return { text: `${head}data: ${JSON.stringify(data)}\n\n`, piece }
}

/** Pieces as long as a provider's under load; a character is never cut in two. */
export function pieces(text: string): readonly string[] {
  return text.match(/.{1,48}/gsu) ?? []
}
