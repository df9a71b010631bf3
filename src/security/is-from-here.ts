import type { IncomingHttpHeaders } from 'node:http'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i
const LOOPBACK_ORIGIN = new RegExp(LOOPBACK.source.replace('^', '^https?://'), 'i')

/** Whether a request names this machine as its receiver and, where a browser sent it, as its page's origin. */
export function isFromHere({ host, origin }: IncomingHttpHeaders): boolean {
  return (host === undefined || LOOPBACK.test(host)) && (origin === undefined || LOOPBACK_ORIGIN.test(origin))
}
