import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readDeployCommand } from '../../../src/cli/deploy/read-deploy-command.ts'

test('a command is read with its defaults', () => {
  assert.deepEqual(readDeployCommand(['status']), { name: 'status', json: false })
  assert.deepEqual(readDeployCommand(['promote']), {
    name: 'promote',
    build: undefined,
    percent: 100,
    forced: undefined,
  })
  assert.deepEqual(
    readDeployCommand(['promote', 'abc', '--percent', '7', '--force', '--reason', ' A bad day ']),
    { name: 'promote', build: 'abc', percent: 7, forced: 'A bad day' },
  )
  assert.deepEqual(readDeployCommand(['rollback', '--force']), { name: 'rollback', force: true })
  assert.deepEqual(readDeployCommand(['drain', 'abc']), { name: 'drain', build: 'abc' })
})

const WRONG: readonly [readonly string[], RegExp][] = [
  [[], /^What is to be done\?/],
  [['undo'], /^There is no such command: undo\./],
  [['status', 'all'], /^Unexpected argument 'all'/],
  [['promote', 'a', 'b'], /^There is one build at a time\./],
  [['promote', '--percent', '0'], /^--percent is a whole number from 1 to 100\./],
  [['promote', '--percent', '101'], /^--percent is a whole number/],
  [['promote', '--percent', '10.5'], /^--percent is a whole number/],
  [['promote', '--percent', '1e1'], /^--percent is a whole number/],
  [['promote', '--force'], /^--force takes --reason/],
  [['promote', '--force', '--reason', '  '], /^--force takes --reason/],
  [['promote', '--force', '--reason', 'x'.repeat(301)], /^--force takes --reason, of 1 to 300/],
  [['promote', '--reason', 'Why not'], /^--reason goes with --force\./],
  [['rollback', 'abc'], /^Unexpected argument 'abc'/],
  [['drain'], /^Name one build\./],
]
for (const [args, message] of WRONG) {
  test(`"deploy ${args.join(' ').slice(0, 40)}" is refused with what is wrong, and how it is used`, () => {
    assert.throws(
      () => readDeployCommand(args),
      (error: Error & { exitCode?: number }) => {
        assert.match(error.message, message)
        assert.match(error.message, /Usage: holdfast deploy/)
        assert.equal(error.exitCode, 2)
        return true
      },
    )
  })
}
