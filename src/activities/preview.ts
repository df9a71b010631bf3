import type { AssistantMessage } from '../contracts/runs/message.ts'
import { SIZES } from '../policies/limits.ts'

/** The beginning of an answer, for history; shorter where the answer has tool calls. */
export function answerPreview({ text, toolCalls }: AssistantMessage): string {
  return cut(text, toolCalls.length > 0 ? SIZES.stepPreviewCharacters : SIZES.answerPreviewCharacters)
}

/** The beginning of a tool's result, for history. */
export function resultPreview(text: string): string {
  return cut(text, SIZES.stepPreviewCharacters)
}

/** Leaves out a whole surrogate pair where the cut would divide it: half of a pair is no character. */
function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
