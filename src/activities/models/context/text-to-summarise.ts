import { textWithWords } from '../../../contracts/files/message-file.ts'
import type { Message, UserMessage } from '../../../contracts/runs/message.ts'
import { COMPACTION, CONTEXT_TEXTS } from '../../../policies/models/context.ts'
import type { PlacedMessage } from '../../../store/models/context-windows.ts'
import type { CountTokens } from './count-tokens.ts'

/** A message is not shortened further than to this. */
const LEAST_CHARACTERS = 64

/**
 * Messages as text for the model that summarises them, after the summary of those before. Long messages are shortened, to their
 * beginnings and ends, until the text has at most so many tokens; if that is not enough, the middle is left out.
 */
export function textToSummarise(
  before: UserMessage | null,
  leaves: readonly PlacedMessage[],
  mostTokens: number,
  count: CountTokens,
): string {
  const isSummary = before !== null && (before.standsFor?.summarised ?? 0) > 0
  const earlier = isSummary ? `<earlier_summary>\n${before.text}\n</earlier_summary>\n` : ''
  const whole = (characters: number) => {
    const lines = leaves.flatMap(({ message }) => linesOf(message, characters))
    return `${earlier}<conversation>\n${lines.join('\n')}\n</conversation>`
  }
  let characters: number = COMPACTION.mostMessageCharacters
  let text = whole(characters)
  let tokens = count(text)
  while (tokens > mostTokens && characters > LEAST_CHARACTERS) {
    characters = Math.max(Math.floor(characters / 2), LEAST_CHARACTERS)
    text = whole(characters)
    tokens = count(text)
  }
  return tokens > mostTokens ? excerpt(text, Math.floor((text.length * mostTokens) / tokens)) : text
}

function linesOf(message: Message, characters: number): string[] {
  if (message.role === 'tool') {
    const state = message.isError ? 'failed' : 'result'
    return [`[${message.tool} ${state}] ${excerpt(message.content, characters)}`]
  }
  if (message.role === 'user') {
    const introduction = message.introduction === undefined ? '' : `${message.introduction} `
    return [`[user] ${introduction}${excerpt(textWithWords(message), characters)}`]
  }
  const calls = message.toolCalls.map(
    ({ tool, arguments: args }) => `[assistant calls ${tool}] ${excerpt(JSON.stringify(args), characters)}`,
  )
  return [...(message.text === '' ? [] : [`[assistant] ${excerpt(message.text, characters)}`]), ...calls]
}

/** The text's beginning and end, in about so many characters. */
function excerpt(text: string, characters: number): string {
  if (text.length <= characters) return text
  const half = Math.floor(characters / 2)
  const start = text.slice(0, half)
  const end = text.slice(text.length - half)
  const mark = CONTEXT_TEXTS.cutToSummarise(text.length - start.length - end.length)
  // A character of two units may be cut in half.
  return (start + mark + end).toWellFormed()
}
