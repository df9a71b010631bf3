import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'
import { usageOf } from '../help.ts'
import { nodeProblem } from '../node-problem.ts'
import { projectManifest } from './project-manifest.ts'

const TEMPLATE = new URL('../../../templates/project/', import.meta.url)

/** Files whose real names npm would leave out of a package, or treat as its own configuration. */
const RENAMED: Readonly<Record<string, string>> = { gitignore: '.gitignore', 'env.example': '.env.example' }

/** `holdfast init DIRECTORY`: a small project that starts, answers and has a test. */
export async function init(args: readonly string[]): Promise<number> {
  const directory = resolve(readDirectory(args))
  const name = basename(directory)
  if (!/^[a-z0-9][a-z0-9._-]{0,100}$/.test(name)) {
    throw new CommandError(
      `"${name}" cannot be the name of a package: it takes small letters, digits, dots, dashes and underscores.`,
      EXIT.usage,
    )
  }
  makeEmptyDirectory(directory)
  for (const file of readdirSync(TEMPLATE)) {
    const text = readFileSync(new URL(file, TEMPLATE), 'utf8').replaceAll('{{name}}', name)
    writeFileSync(join(directory, RENAMED[file] ?? file), text, { flag: 'wx' })
  }
  writeFileSync(join(directory, 'package.json'), projectManifest(name), { flag: 'wx' })
  process.stdout.write(
    `${readdirSync(directory).sort().join('  ')}\n\n` +
      `  cd ${relative('', directory) || '.'}\n  npm install\n  npm test\n  npm run dev\n`,
  )
  const problem = nodeProblem()
  if (problem !== null) process.stdout.write(`\n${problem}\n`)
  return 0
}

function readDirectory(args: readonly string[]): string {
  try {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true, options: {} })
    const [directory, ...rest] = positionals
    if (directory !== undefined && rest.length === 0) return directory
  } catch (error) {
    throw new CommandError(`${(error as Error).message}\n\n${usageOf('init')}`, EXIT.usage)
  }
  throw new CommandError(usageOf('init'), EXIT.usage)
}

/** Makes the directory, or takes an empty one: a file that is there must not be overwritten. */
function makeEmptyDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true })
    const [found] = readdirSync(directory).filter((name) => name !== '.git')
    if (found === undefined) return
    throw new CommandError(`${directory} is not empty: ${found} is there. Name another directory.`)
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(`${directory} cannot be made (${(error as NodeJS.ErrnoException).code}).`)
  }
}
