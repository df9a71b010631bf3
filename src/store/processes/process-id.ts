import { hostname } from 'node:os'

/** What a process is called in the store: `host:pid` and a part that makes it unique, since containers share both. */
export function newProcessId(): string {
  return `${hostname()}:${process.pid}:${Date.now().toString(36)}`
}
