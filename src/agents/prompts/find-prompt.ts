import { assistantV1 } from './assistant.v1.ts'
import { billingV1 } from './billing.v1.ts'
import type { Prompt } from './prompt.ts'
import { researchV1 } from './research.v1.ts'
import { returnsV1 } from './returns.v1.ts'
import { supportV1 } from './support.v1.ts'
import { supportV2 } from './support.v2.ts'
import { technicalV1 } from './technical.v1.ts'

/** Every version that a run may still be pinned to. */
export const PROMPTS: readonly Prompt[] = [
  assistantV1,
  billingV1,
  researchV1,
  returnsV1,
  supportV1,
  supportV2,
  technicalV1,
]

/** The text of one prompt version; null where this build does not carry it. */
export function findPrompt(name: string, version: string): string | null {
  return PROMPTS.find((prompt) => prompt.name === name && prompt.version === version)?.text ?? null
}
