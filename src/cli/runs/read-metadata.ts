import type { Command } from 'commander'

/** `ticket=4711` as an entry; undefined where there are none. */
export function readMetadata(
  command: Command,
  entries: readonly string[] | undefined,
): Record<string, string> | undefined {
  return entries === undefined ? undefined : Object.fromEntries(entries.map(read))

  function read(entry: string): [string, string] {
    const at = entry.indexOf('=')
    if (at < 1) return command.error(`--metadata takes key=value, and not ${JSON.stringify(entry)}.`)
    return [entry.slice(0, at), entry.slice(at + 1)]
  }
}
