import { assistantV1 } from './assistant.v1.ts'
import type { Prompt } from './prompt.ts'
import { supportV1 } from './support.v1.ts'

/** Every version that a run may still be pinned to. */
export const PROMPTS: readonly Prompt[] = [assistantV1, supportV1]

/** The text of one prompt version; null where this build does not carry it. */
export function findPrompt(name: string, version: string): string | null {
  return PROMPTS.find((prompt) => prompt.name === name && prompt.version === version)?.text ?? null
}
