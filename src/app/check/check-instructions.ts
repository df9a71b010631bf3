import type { AnyAgent } from '../define/agent-definition.ts'
import type { AnyAppDefinition } from '../define/app-definition.ts'
import { isPromptFile, readReference } from '../define/prompt.ts'
import type { PromptTexts } from '../load-prompts.ts'
import { thereAre } from './values.ts'

/** Yields the problems of an agent's instructions. @param texts null where the folder of prompts does not exist */
export function* checkInstructions(
  where: string,
  { definition }: AnyAgent,
  { prompts }: AnyAppDefinition,
  texts: PromptTexts | null,
): Generator<string> {
  const { name, version, instructions } = definition
  if (isPromptFile(instructions)) {
    yield* checkReference(where, instructions.reference, prompts, texts)
    return
  }
  if (typeof instructions === 'function') return
  if (typeof instructions !== 'string' || instructions.trim() === '') {
    yield `${where}: instructions are empty. Give a text, prompt("name.version"), or a function of the context that gives a text.`
  } else if (texts?.has(`${name}.${version}`)) {
    yield `${where}: its text goes by "${name}.${version}", as the file ${name}.${version}.md of prompts does. Write instructions: prompt("${name}.${version}"), or change the version.`
  }
}

function* checkReference(
  where: string,
  reference: string,
  folder: URL | undefined,
  texts: PromptTexts | null,
): Generator<string> {
  if (readReference(reference) === null) {
    yield `${where}: prompt(${JSON.stringify(reference)}) is not name.version. Write it as prompt("billing.v1").`
  } else if (folder === undefined) {
    yield `${where}: prompt("${reference}") is a file, and the application has no prompts. Say prompts: new URL("./prompts/", import.meta.url).`
  } else if (texts !== null && !texts.has(reference)) {
    yield `${where}: prompts has no file ${reference}.md. Write it, or name another version. ${thereAre(texts.keys())}.`
  } else if (texts?.get(reference) === '') {
    yield `${where}: the file ${reference}.md of prompts is empty. Write the instructions into it.`
  }
}
