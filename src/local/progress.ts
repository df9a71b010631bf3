import type { WriteStream } from 'node:tty'

/** Shows what a start is doing: on a terminal as one line that changes, in a log as lines. */
export interface Progress {
  update(text: string): void
  /** Ends the changing line, if there is one. */
  done(): void
}

/** Where the output is not a terminal, slow work is logged this often. Milliseconds. */
const QUIET_INTERVAL_MS = 15_000

export function createProgress(out: Pick<WriteStream, 'write' | 'isTTY'>): Progress {
  let printedAt = Number.NEGATIVE_INFINITY
  let open = false
  return {
    update(text) {
      if (out.isTTY) {
        open = true
        out.write(`\r\u001b[2K${text.slice(0, 110)}`)
      } else if (performance.now() - printedAt >= QUIET_INTERVAL_MS) {
        printedAt = performance.now()
        out.write(`${text}\n`)
      }
    },
    done() {
      if (open) out.write('\r\u001b[2K')
      open = false
      printedAt = Number.NEGATIVE_INFINITY
    },
  }
}
