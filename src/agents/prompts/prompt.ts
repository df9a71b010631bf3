export interface PromptRef {
  readonly name: string
  readonly version: string
}

/** A system prompt. A published version is never edited: runs under way are pinned to it. A change is a new file. */
export interface Prompt extends PromptRef {
  readonly text: string
}
