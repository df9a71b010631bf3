/**
 * An image in a tool's result, at any place of it. Models that read images are shown it; others read that there is one.
 *
 * @example
 * return { page: 3, scan: toolImage(png, 'image/png') }
 */
export function toolImage(
  content: Uint8Array,
  type: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp',
): string {
  return `data:${type};base64,${Buffer.from(content).toString('base64')}`
}
