import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { completionTree } from '../../src/cli/completion/completion-tree.ts'
import { SHELLS } from '../../src/cli/completion/shells.ts'

const tree = await completionTree()

/** What bash offers for the last of these words. */
function offered(...words: string[]): string[] {
  const script = `${SHELLS.bash(tree)}
COMP_WORDS=(holdfast ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}
_holdfast; printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n')
}

describe('completion', () => {
  it('offers commands, their own commands, and flags of both', () => {
    assert.deepEqual(offered('do'), ['doctor'])
    assert.deepEqual(offered('runs', 't'), ['tail', 'trace'])
    assert.deepEqual(offered('runs', 'start', '--w'), ['--wait'])
    assert.deepEqual(offered('keys', 'cr'), ['create'])
    assert.deepEqual(offered('keys', 'create', '--pr'), ['--principal'])
    assert.deepEqual(offered('keys', 'list', '--'), ['--tenant', '--help'])
    assert.deepEqual(offered('sign', '--sha'), ['--sha256'])
    assert.deepEqual(offered('completion', 'f'), ['fish'])
    assert.deepEqual(offered('help', 'do'), ['doctor'])
  })

  it('offers the values of an option that has choices', () => {
    assert.deepEqual(offered('runs', 'list', '--status', 'q'), ['queued'])
    assert.deepEqual(offered('approvals', 'list', '--status', 'al'), ['all'])
    assert.deepEqual(offered('usage', '--by', 'thr'), ['thread'])
    assert.deepEqual(offered('usage', '--csv', '--by', 'thr'), ['thread'])
    assert.deepEqual(offered('keys', 'create', '--scope', 'usage'), ['usage:read'])
    // As bash takes the word apart.
    assert.deepEqual(offered('keys', 'create', '--scope', 'usage', ':', 'r'), ['read'])
    assert.deepEqual(offered('runs', 'list', '--limit', 'q'), [''])
    assert.match(SHELLS.fish(tree), /from list' -l status -x -a 'queued [^']+'$/m)
  })

  it('offers no word where files are wanted', () => {
    assert.deepEqual(offered('dev', 'app'), [''])
  })

  it('has a line for each flag in fish', () => {
    const script = SHELLS.fish(tree)
    for (const flag of ['wait', 'tail', 'metadata'])
      assert.match(script, new RegExp(`from runs; and __fish_seen_subcommand_from start' -l ${flag}$`, 'm'))
    assert.match(script, /-a doctor -d 'whether everything/)
    assert.match(script, /-d 'brings the store\\'s schema up to date/)
  })
})
