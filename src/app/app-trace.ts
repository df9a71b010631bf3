/** This package's own files, as source or built. */
const PRODUCT = new URL('../', import.meta.url).href

/** An error that the application's code has thrown, with the lines of its stack that are the application's: where it was thrown. */
export function appTrace(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const [head = '', ...frames] = (error.stack ?? String(error)).split(/\n(?= {4}at )/)
  const own = frames.filter((frame) => !/\bnode:|<anonymous>\)$/.test(frame) && !frame.includes(PRODUCT))
  // The stack of a syntax error begins with the place and the line, and has no message where a stack is cut off.
  const message = head.includes(error.message) ? head : `${head}\n${error.message}`
  return [message, ...own].join('\n').replaceAll(/\?holdfast=\d+/g, '')
}
