/** A versioned text of the application's folder of prompts. */
export interface PromptFile {
  readonly holdfast: 'prompt'
  /** As it was written: `name.version`. */
  readonly reference: string
}

/**
 * Instructions that stand in a file of their own, `billing.v1.md` in the application's `prompts` folder. A published version is
 * never edited, since runs under way are pinned to it: a change is a new file.
 *
 * @example
 * defineAgent({ name: 'billing', version: 'v1', instructions: prompt('billing.v1'), tools: [readInvoice] })
 */
export function prompt(reference: string): PromptFile {
  return { holdfast: 'prompt', reference }
}

export function isPromptFile(value: unknown): value is PromptFile {
  return typeof value === 'object' && value !== null && 'holdfast' in value && value.holdfast === 'prompt'
}

/** `billing.v1` as name and version; null where it is no such reference. */
export function readReference(
  reference: unknown,
): { readonly name: string; readonly version: string } | null {
  const [, name, version] =
    /^([a-z][a-z0-9_]{0,63})\.([A-Za-z0-9][A-Za-z0-9._-]{0,63})$/.exec(String(reference)) ?? []
  return name === undefined || version === undefined ? null : { name, version }
}
