/** One server-sent event. A piece has text or arguments; a script may ask for a wait before each piece. */
export interface SseFrame {
  readonly text: string
  readonly piece: boolean
}

export function frame(event: string | null, data: unknown, piece = false): SseFrame {
  const head = event === null ? '' : `event: ${event}\n`
  return { text: `${head}data: ${JSON.stringify(data)}\n\n`, piece }
}

/** Cuts a text into pieces as long as a provider's under load, and no character in two. */
export function pieces(text: string): readonly string[] {
  return text.match(/.{1,48}/gsu) ?? []
}
