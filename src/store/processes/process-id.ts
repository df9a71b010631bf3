import { hostname } from 'node:os'

/** What a process is called in the store, and a worker in Temporal, too: `host:pid` and a part that makes it unique, since containers share both. */
export function newProcessId(): string {
  return `${hostname()}:${process.pid}:${Date.now().toString(36)}`
}

/** Whether it is one of these, and not the name that Temporal's SDK gives a worker: `pid@host`. */
export function isProcessId(text: string): boolean {
  return /^[^@]+:\d+:[0-9a-z]+$/.test(text)
}
