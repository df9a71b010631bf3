import { SIZES } from '../policies/limits.ts'

/** The beginning of a text, for history. */
export function preview(text: string): string {
  return text.length <= SIZES.previewCharacters ? text : `${text.slice(0, SIZES.previewCharacters - 1)}…`
}
