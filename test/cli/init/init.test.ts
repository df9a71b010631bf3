import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { CommandError } from '../../../src/cli/command-error.ts'
import { init } from '../../../src/cli/init/init.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

/** That the project works, its test included, is shown from the packed package: test/system/package/pack.test.ts. */
describe('holdfast init', () => {
  const parent = temporaryDirectory()

  it('writes a project that depends on this version of the package, and on the zod that it takes', async () => {
    const directory = join(parent, 'my-agents')
    assert.equal(await init([directory]), 0)
    assert.deepEqual(readdirSync(directory).sort(), [
      '.env.example',
      '.gitignore',
      'README.md',
      'app.test.ts',
      'app.ts',
      'package.json',
      'script.ts',
      'tsconfig.json',
    ])
    const ours = JSON.parse(readFileSync('package.json', 'utf8'))
    const made = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
    assert.equal(made.name, 'my-agents')
    assert.deepEqual(made.dependencies, { holdfast: ours.version, zod: ours.peerDependencies.zod })
    // Without a pattern a Node that is too old finds no test, and passes.
    assert.equal(made.scripts.test, 'node --test "**/*.test.ts"')
    const files = readdirSync(directory).map((name) => readFileSync(join(directory, name), 'utf8'))
    assert.ok(!files.some((text) => text.includes('{{')))
    assert.match(readFileSync(join(directory, 'README.md'), 'utf8'), /^# my-agents\n/)
  })

  it('writes into an empty directory, a new repository included', async () => {
    const directory = join(parent, 'empty')
    mkdirSync(join(directory, '.git'), { recursive: true })
    assert.equal(await init([directory]), 0)
  })

  it('leaves what is there as it is', async () => {
    const directory = join(parent, 'full')
    mkdirSync(directory)
    writeFileSync(join(directory, 'app.ts'), 'mine')
    await assert.rejects(init([directory]), /is not empty: app\.ts is there/)
    assert.deepEqual(readdirSync(directory), ['app.ts'])
    await assert.rejects(init([join(directory, 'app.ts')]), /cannot be made \(EEXIST\)/)
  })

  it('refuses a name that npm would refuse, and a command line of something else', async () => {
    for (const args of [[join(parent, 'My Agents')], [], ['a', 'b'], ['--force', 'a']]) {
      await assert.rejects(init(args), (error: Error) => error instanceof CommandError)
    }
    assert.ok(!readdirSync(parent).includes('My Agents'))
  })
})
