import { visible } from '../../contracts/operator-text.ts'

export interface Mistake {
  readonly pointer: string
  readonly detail: string
}

/** What an API's problem says is wrong with which part of a request: a line each, to stand below its text. */
export function mistakesText(mistakes: readonly Mistake[] = []): string {
  return mistakes.map(({ pointer, detail }) => `\n  ${visible(pointer)}: ${visible(detail)}`).join('')
}
