import { readdirSync, readFileSync } from 'node:fs'

/** The texts of a folder of prompts, by `name.version`. */
export type PromptTexts = ReadonlyMap<string, string>

/** Every `name.version.md` of the folder. Runs under way may be pinned to versions that no agent uses any more. */
export function loadPrompts(folder: URL | undefined): PromptTexts {
  if (folder === undefined) return new Map()
  const base = new URL(`${folder.href.replace(/\/$/, '')}/`)
  const files = readdirSync(base).filter((file) => file.endsWith('.md'))
  return new Map(
    // An editor ends a file with a line break, which is no part of the prompt.
    files.map((file) => [
      file.slice(0, -'.md'.length),
      readFileSync(new URL(encodeURIComponent(file), base), 'utf8').trimEnd(),
    ]),
  )
}
