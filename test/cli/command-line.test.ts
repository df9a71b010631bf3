import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { COMMANDS } from '../../src/cli/commands.ts'
import { childEnvironment } from '../../src/config/config.ts'

interface Result {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs `holdfast` with these arguments to its end. */
function holdfast(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Result> {
  const env = { ...childEnvironment(), HOLDFAST_APP: '', ...variables }
  return new Promise((resolve) => {
    execFile(process.execPath, ['src/cli/main.ts', ...args], { env }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    )
  })
}

describe('holdfast', () => {
  it('names every command, with --help on stdout and without a command as a mistake', async () => {
    for (const [args, code] of [
      [['--help'], 0],
      [['-h'], 0],
      [['help'], 0],
      [['help', 'help'], 0],
      [['help', '--help'], 0],
      [[], 2],
    ] as const) {
      const { code: got, out } = await holdfast(args)
      assert.equal(got, code)
      for (const name of Object.keys(COMMANDS)) assert.match(out, new RegExp(`^  ${name} +\\S`, 'm'))
    }
  })

  it('ends without a word once nobody reads what it says', async () => {
    const child = spawn(process.execPath, ['src/cli/main.ts', 'completion', 'bash'], {
      env: childEnvironment(),
    })
    child.stdout.destroy()
    const ended = new Promise((resolve) => child.once('close', resolve))
    assert.deepEqual([await text(child.stderr), await ended], ['', 141])
  })

  it('says which version it is', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
    assert.deepEqual(await holdfast(['--version']), { code: 0, out: `${version}\n`, err: '' })
  })

  it('knows no other command', async () => {
    for (const name of ['launch', 'constructor', '--verbose']) {
      const { code, out, err } = await holdfast([name])
      assert.deepEqual([code, out], [2, ''])
      assert.match(err, new RegExp(`^There is no command "${name}"\\.\\n\\nUsage: holdfast COMMAND`))
    }
  })

  for (const name of Object.keys(COMMANDS)) {
    it(`explains ${name}`, async () => {
      const { code, out, err } = await holdfast([name, '--help'])
      assert.deepEqual([code, err], [0, ''])
      assert.match(out, new RegExp(`^Usage: holdfast ${name}\\b.*\\n\\n[A-Z]`))
      assert.deepEqual(await holdfast(['help', name]), { code, out, err })
    })
  }

  for (const name of ['dev', 'api', 'worker', 'migrate', 'check', 'demo']) {
    it(`${name} says that it needs an application, takes one, and knows no other option`, async () => {
      const none = await holdfast([name])
      assert.equal(none.code, 2)
      assert.match(none.err, /^No application is named, and HOLDFAST_APP is not set\.\n\nUsage: holdfast/)
      const two = await holdfast([name, 'a.ts', 'b.ts'])
      assert.equal(two.code, 2)
      assert.match(two.err, /^One application is enough: a\.ts, b\.ts\./)
      const option = await holdfast([name, 'a.ts', '--fast'])
      assert.equal(option.code, 2)
      assert.match(option.err, /^Unknown option '--fast'/)
      const named = await holdfast([name], { HOLDFAST_APP: 'none.ts' })
      assert.equal(named.code, 1)
      assert.match(named.err, /^There is no file none\.ts/)
    })
  }
})
