import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { childEnvironment } from '../../../../src/config/config.ts'

const ROOT = join(import.meta.dirname, '../../../..')
const run = promisify(execFile)

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly bin: { readonly holdfast: string }
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest

/** Builds and packs the product as it would be published. @returns the packed file */
export async function packProduct(directory: string): Promise<string> {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', directory], { cwd: ROOT })
  // What the build prints comes first.
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as { filename: string }[]
  return join(directory, packed?.filename ?? '')
}

/** Tools that an application's project has for itself. */
const TOOLS = ['typescript', '@types/node', 'zod'] as const

/**
 * Installs the packed product into a project. With CI set npm does it, from the registry. Otherwise the packed file is unpacked, and
 * what it declares as dependencies is linked from the repository: what it does not declare is not there.
 */
export async function installProduct(project: string, packed: string): Promise<void> {
  if (process.env['CI'] !== undefined) return installWithNpm(project, packed)
  const modules = join(project, 'node_modules')
  const product = join(modules, 'holdfast')
  mkdirSync(product, { recursive: true })
  await run('tar', ['xzf', packed, '--strip-components=1', '-C', product])
  for (const name of [...Object.keys(manifest.dependencies), ...TOOLS]) link(modules, name)
  mkdirSync(join(modules, '.bin'))
  symlinkSync(join(product, manifest.bin.holdfast), join(modules, '.bin/holdfast'))
  symlinkSync(join(modules, 'typescript/bin/tsc'), join(modules, '.bin/tsc'))
}

async function installWithNpm(project: string, packed: string): Promise<void> {
  const path = join(project, 'package.json')
  const { dependencies, devDependencies, ...rest } = JSON.parse(readFileSync(path, 'utf8'))
  const all = { ...dependencies, holdfast: `file:${packed}` }
  writeFileSync(path, JSON.stringify({ ...rest, dependencies: all, devDependencies }))
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: project })
}

function link(modules: string, name: string): void {
  mkdirSync(dirname(join(modules, name)), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules', name), join(modules, name))
}

/** The `package.json` of the application, as its author would have written it. */
export function writeManifest(project: string): void {
  const versions = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, manifest.devDependencies[name]]))
  const made = {
    name: 'hotel',
    private: true,
    type: 'module',
    dependencies: versions(['zod']),
    devDependencies: versions(['typescript', '@types/node']),
  }
  writeFileSync(join(project, 'package.json'), JSON.stringify(made))
}

/** A file of the project's `node_modules/.bin`. */
export function programOf(project: string, name: string): string {
  return join(project, 'node_modules/.bin', name)
}

export interface Output {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a program of the project to its end. */
export async function inProject(
  project: string,
  program: string,
  args: readonly string[],
  variables = {},
): Promise<Output> {
  // Inside a test a test runner reports to the one above it, and prints nothing.
  const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...environment } = childEnvironment()
  const env = { ...environment, ...variables }
  try {
    const { stdout, stderr } = await run(program, args, { cwd: project, env })
    return { code: 0, out: stdout, err: stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, out: stdout, err: stderr }
  }
}
