import { isIP } from 'node:net'
import { isPublicAddress } from './public-address.ts'

/** A URL that deliveries may be tried at, and its `host:port`. Where its name leads is looked at when a connection is made. */
export interface WebhookUrl {
  readonly href: string
  readonly host: string
}

/**
 * Reads the URL of a webhook as a browser would: `https://2130706433/` is `https://127.0.0.1/`.
 *
 * @param allowedHosts `host:port` of those that may be private, and plain http
 * @returns the URL without a fragment, or what is wrong with it
 */
export function readWebhookUrl(
  text: string,
  allowedHosts: ReadonlySet<string>,
): WebhookUrl | { readonly problem: string } {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    return { problem: 'Must be an https URL.' }
  if (url.username !== '' || url.password !== '') return { problem: 'Must not have a name or password.' }
  url.hash = ''
  const host = hostOf(url)
  const read = { href: url.href, host }
  if (allowedHosts.has(host)) return read
  if (url.protocol !== 'https:') return { problem: 'Must be an https URL.' }
  const name = bareName(url.hostname)
  const isPrivate = isIP(name) === 0 ? isLocalName(name) : !isPublicAddress(name)
  return isPrivate ? { problem: 'Must lead to a host of the public internet.' } : read
}

/** `host:port` in lower case, as the configuration names hosts. */
export function hostOf({ hostname, port, protocol }: Pick<URL, 'hostname' | 'port' | 'protocol'>): string {
  return `${hostname.toLowerCase()}:${port || (protocol === 'http:' ? '80' : '443')}`
}

/** Without the brackets of IPv6, and without the dot that ends an absolute name. */
function bareName(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
}

/** Names that no public resolver knows. */
function isLocalName(name: string): boolean {
  return !name.includes('.') || /\.(localhost|local|internal|home\.arpa)$/.test(name)
}
