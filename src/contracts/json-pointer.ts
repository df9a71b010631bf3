/** RFC 6901: `['a', 0, 'b/c']` → `/a/0/b~1c`. The whole document is the empty string. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
