import { isDeeperThan, type Json } from '../../../contracts/json.ts'
import { SIZES } from '../../../policies/limits.ts'

/** An answer's JSON, and its text without a fence. */
export interface JsonAnswer {
  readonly text: string
  readonly value: Json
}

/** The answer as JSON; null where it is none, and `too_deep` where it is nested so deeply that no schema can be held against it. */
export function readJsonAnswer(answer: string): JsonAnswer | 'too_deep' | null {
  const text = withoutFence(answer.trim())
  try {
    const value = JSON.parse(text) as Json
    return isDeeperThan(value, SIZES.maxArgumentsDepth) ? 'too_deep' : { text, value }
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

const FENCE = '```'

/** Many models write a fence around JSON, in spite of their instructions. */
function withoutFence(text: string): string {
  const firstLine = text.indexOf('\n')
  if (!text.startsWith(FENCE) || !text.endsWith(FENCE) || firstLine < 0) return text
  return text.slice(firstLine, -FENCE.length).trim()
}
