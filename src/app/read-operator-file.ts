import { readFileSync } from 'node:fs'
import type { z } from 'zod'

export interface OperatorFile {
  readonly path: string
  /** The environment variable that has the path. */
  readonly variable: string
  /** A word for the file's rows, in the plural. */
  readonly what: string
}

/** A file of the operator's can't be used. The message has all problems, one a line. */
export class OperatorFileUnusable extends Error {
  override readonly name = 'OperatorFileUnusable'
  readonly problems: readonly string[]

  constructor({ path, variable, what }: OperatorFile, problems: readonly string[]) {
    super(
      `The ${what} in ${path} (${variable}) are not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    )
    this.problems = problems
  }
}

/** @throws OperatorFileUnusable with every problem at once */
export function readOperatorFile<T>(file: OperatorFile, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(readJson(file))
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim())
  throw new OperatorFileUnusable(file, problems)
}

function readJson(file: OperatorFile): unknown {
  try {
    return JSON.parse(readFileSync(file.path, 'utf8'))
  } catch (error) {
    const problem =
      error instanceof SyntaxError
        ? `is no JSON: ${error.message}`
        : `could not be read (${(error as NodeJS.ErrnoException).code})`
    throw new OperatorFileUnusable(file, [problem])
  }
}
