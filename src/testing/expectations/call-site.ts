import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** `app.test.ts:12`: the line of a test that an expectation was made in. */
export type CallSite = string

/** The nearest line of the stack that is not in this folder. */
export function callSite(): CallSite {
  const { stack = '' } = new Error('for its stack')
  const frame = stack.split('\n').find((line) => line.includes('file://') && !line.includes(HERE))
  const [, url, line] = /(file:\/\/[^)\s]+?):(\d+):\d+/.exec(frame ?? '') ?? []
  return url === undefined
    ? 'an unknown place'
    : `${relative('', fileURLToPath(url.split('?')[0] ?? url))}:${line}`
}

const HERE = new URL('./', import.meta.url).href
