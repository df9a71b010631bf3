import type { RequestPreamble } from '../request-preamble.ts'

/** Equal for requests of which one is the beginning of the other: with the same model, prompt and tools, through the same window. */
export function contextKey({ key }: RequestPreamble, window: number | undefined): string {
  return window === undefined ? key : `${key}.${window}`
}
