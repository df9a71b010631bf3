import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { childEnvironment } from '../../../src/config/config.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

/** A process that a test goes along with: what it prints, on either stream, and what it is told. */
export interface Talk {
  readonly child: ChildProcess
  /** Its exit code. */
  readonly ended: Promise<number | null>
  output(): string
  write(text: string): void
  /** Waits for this in what was printed since the last wait. */
  until(pattern: RegExp): Promise<void>
}

/** Starts a program without secrets of this process and without a local stack. */
export function startTalk(
  program: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
): Talk {
  const dataDirectory = join(temporaryDirectory(), 'none')
  const env = { ...childEnvironment(), HOLDFAST_DATA_DIR: dataDirectory, ...variables }
  const child = spawn(program, args, { env })
  let output = ''
  let from = 0
  let wake = (): void => undefined
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes) => {
      output += String(bytes)
      wake()
    })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    child,
    ended,
    output: () => output,
    write: (text) => void child.stdin.write(text),
    async until(pattern) {
      for (;;) {
        const found = pattern.exec(output.slice(from))
        if (found !== null) {
          from += found.index + found[0].length
          return
        }
        await Promise.race([
          new Promise<void>((resolve) => {
            wake = resolve
          }),
          ended.then((code) => assert.fail(`ended with ${code} before ${pattern}:\n${output}`)),
        ])
      }
    },
  }
}
