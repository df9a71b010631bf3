import { visible } from '../../contracts/operator-text.ts'

export interface Mistake {
  readonly pointer: string
  readonly detail: string
}

/**
 * The mistakes in the words of the command line: a line each, with the option or argument that has become the part of the request; null
 * where one is about something else.
 *
 * @param names by the pointer of the part
 */
export function commandLineMistakes(
  mistakes: readonly Mistake[],
  names: Readonly<Record<string, string>>,
): string | null {
  const lines = mistakes.map(({ pointer, detail }) => {
    const part = Object.keys(names).find((each) => pointer === each || pointer.startsWith(`${each}/`))
    return part === undefined ? null : visible(`${names[part]}${pointer.slice(part.length)}: ${detail}`)
  })
  return lines.length === 0 || lines.includes(null) ? null : lines.join('\n')
}

/** What an API's problem says is wrong with which part of a request: a line each, to stand below its text. */
export function mistakesText(mistakes: readonly Mistake[] = []): string {
  return mistakes.map(({ pointer, detail }) => `\n  ${visible(pointer)}: ${visible(detail)}`).join('')
}
