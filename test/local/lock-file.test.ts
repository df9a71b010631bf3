import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { acquireLock, LockHeld } from '../../src/local/lock-file.ts'
import { identify } from '../../src/local/process-info.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const directory = temporaryDirectory()
let count = 0
const freshPath = () => join(directory, `lock-${count++}`)
const write = (path: string, holder: { pid: number; started: string }) =>
  writeFileSync(path, JSON.stringify({ ...holder, token: 'theirs' }))

/** A process that ended, with the identity it had. */
async function deadProcess() {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  await once(child, 'spawn')
  const identity = identify(Number(child.pid))
  assert.ok(identity)
  child.kill('SIGKILL')
  await once(child, 'exit')
  return identity
}

describe('the lock file', () => {
  it('names its holder, and is gone when released', () => {
    const path = freshPath()
    const lock = acquireLock(path)
    assert.equal(JSON.parse(readFileSync(path, 'utf8')).pid, process.pid)
    lock.release()
    assert.ok(!existsSync(path))
    acquireLock(path).release()
  })

  it('refuses a second holder and says who the first is', () => {
    const path = freshPath()
    const lock = acquireLock(path)
    assert.throws(
      () => acquireLock(path),
      (error) => error instanceof LockHeld && error.pid === process.pid,
    )
    lock.release()
  })

  it('takes over from a holder that was killed', async () => {
    const path = freshPath()
    write(path, await deadProcess())
    acquireLock(path).release()
  })

  it("is not fooled by a process that was given the dead holder's pid", {
    skip: process.platform !== 'linux',
  }, () => {
    const path = freshPath()
    write(path, { pid: process.pid, started: 'an earlier boot:1' })
    acquireLock(path).release()
  })

  it('takes over what is no lock at all', () => {
    const path = freshPath()
    writeFileSync(path, '')
    acquireLock(path).release()
  })

  it('gets past a takeover that was killed half-way', async () => {
    const path = freshPath()
    const dead = await deadProcess()
    write(path, dead)
    write(`${path}.takeover`, dead)
    acquireLock(path).release()
  })

  it('leaves the lock of a later holder alone when released twice', () => {
    const path = freshPath()
    const first = acquireLock(path)
    first.release()
    const second = acquireLock(path)
    first.release()
    assert.ok(existsSync(path))
    second.release()
  })

  it('goes to exactly one of many processes that find the same dead holder', async () => {
    const path = freshPath()
    write(path, await deadProcess())
    const code = `
      import { acquireLock } from ${JSON.stringify(new URL('../../src/local/lock-file.ts', import.meta.url).href)}
      process.stdin.once('data', () => {
        try { acquireLock(${JSON.stringify(path)}); console.log('mine') } catch (error) { console.log(error.name) }
        process.stdin.once('end', () => process.exit())
      })
      console.log('ready')`
    const children = Array.from({ length: 6 }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['pipe', 'pipe', 'inherit'] }),
    )
    await Promise.all(children.map((child) => once(child.stdout, 'data')))
    const answers = Promise.all(
      children.map(async (child) => String((await once(child.stdout, 'data'))[0]).trim()),
    )
    for (const child of children) child.stdin.write('go')
    const outcome = (await answers).toSorted()
    for (const child of children) child.stdin.end()
    await Promise.all(children.map((child) => once(child, 'exit')))
    assert.deepEqual(outcome, ['LockHeld', 'LockHeld', 'LockHeld', 'LockHeld', 'LockHeld', 'mine'])
  })

  it('leaves no drafts behind', () => {
    assert.deepEqual(
      readdirSync(directory).filter((name) => !/^lock-\d+$/.test(name)),
      [],
    )
  })
})
