import type { GivenFile } from '../history/prepare-transcript.ts'

/** A file as OpenAI's wires want it. */
export function dataUrl({ type, base64 }: GivenFile): string {
  return `data:${type};base64,${base64}`
}

/** OpenAI's wires want a PDF to have a name. */
export function pdfName({ name = 'document.pdf' }: GivenFile): string {
  return name
}
