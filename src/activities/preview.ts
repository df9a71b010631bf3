import { SIZES } from '../policies/limits.ts'

/** The beginning of an answer, for history. */
export function answerPreview(text: string): string {
  return cut(text, SIZES.answerPreviewCharacters)
}

/** The beginning of a tool's result, for history. */
export function resultPreview(text: string): string {
  return cut(text, SIZES.resultPreviewCharacters)
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}
