import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { isSecret } from '../define/secret.ts'

export type Variables = Readonly<Record<string, string | undefined>>

/** Names of an environment's variables. A secret has two: the second names a file that it is read from. */
export function variableNames(schema: z.ZodObject): {
  readonly names: readonly string[]
  readonly secrets: readonly string[]
} {
  const names = Object.keys(schema.shape)
  const secrets = names.filter((name) => isSecret(schema.shape[name]))
  return { names: [...names, ...secrets.map(fileName)], secrets }
}

/** Names of secrets, and of the variables that name their files. */
export function withFileNames(secrets: readonly string[]): readonly string[] {
  return [...secrets, ...secrets.map(fileName)]
}

/** The validated values, or all problems. Unset and empty are the same. No problem contains a secret's value. */
export function readEnvironment(
  schema: z.ZodObject,
  variables: Variables,
): { readonly env: unknown } | { readonly problems: readonly string[] } {
  const { secrets } = variableNames(schema)
  const fromFiles = secrets.map((name) => readVariable(name, variables))
  const set = withoutEmpty({
    ...Object.fromEntries(Object.keys(schema.shape).map((name) => [name, variables[name]])),
    ...Object.fromEntries(fromFiles.map(({ name, value }) => [name, value])),
  })
  const unread = fromFiles.filter(({ problem }) => problem !== null)
  const parsed = schema.safeParse(set)
  const problems = [
    ...unread.map(({ problem }) => problem ?? ''),
    ...(parsed.error?.issues ?? [])
      // A secret whose file could not be read has one problem already.
      .filter(({ path }) => !unread.some(({ name }) => name === path[0]))
      .map((issue) => describe(issue, set)),
  ]
  if (!parsed.success || problems.length > 0) {
    return { problems: problems.map((problem) => withoutSecrets(problem, secrets, set)) }
  }
  return { env: parsed.data }
}

/** Without the names of empty and unset variables: a schema may tell an absent name from one whose value is undefined. */
function withoutEmpty(variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value))
}

interface VariableRead {
  readonly name: string
  readonly value: string | undefined
  readonly problem: string | null
}

/** A secret's value, from the variable itself or from the file that `NAME_FILE` names. */
export function readVariable(name: string, variables: Variables): VariableRead {
  const value = variables[name] || undefined
  const file = variables[fileName(name)] || undefined
  if (file === undefined) return { name, value, problem: null }
  if (value !== undefined) {
    return { name, value: undefined, problem: `${name} and ${fileName(name)} are both set: one is enough` }
  }
  try {
    // An editor ends a file with a line break, which is no part of the secret.
    return { name, value: readFileSync(file, 'utf8').replace(/\r?\n$/, '') || undefined, problem: null }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return {
      name,
      value: undefined,
      problem: `${fileName(name)} names a file that could not be read (${code})`,
    }
  }
}

function fileName(name: string): string {
  return `${name}_FILE`
}

function describe({ path, message }: z.core.$ZodIssue, set: Variables): string {
  const name = String(path[0] ?? 'The environment')
  return path.length > 0 && set[name] === undefined ? `${name} is not set` : `${name}: ${message}`
}

/** A schema's own messages may quote the value. */
function withoutSecrets(problem: string, secrets: readonly string[], set: Variables): string {
  return secrets
    .flatMap((name) => set[name] ?? [])
    .reduce((text, value) => text.replaceAll(value, '[secret]'), problem)
}
