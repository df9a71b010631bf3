import { type LookupAddress, lookup as lookUp } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import { WEBHOOKS } from '../../policies/operations/webhooks.ts'
import { isPublicAddress } from '../../security/webhooks/public-address.ts'
import { hostOf } from '../../security/webhooks/webhook-url.ts'

/** A connection was not made, since it would not have led to the public internet. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

/** As `dns.lookup` with `all`. */
export type ResolveName = (
  hostname: string,
  done: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void

const resolveBySystem: ResolveName = (hostname, done) =>
  lookUp(hostname, { all: true }, (error, addresses) => done(error, addresses))

/**
 * Connects to public addresses alone. The addresses that a name has are looked at in the look-up that the connection itself is made by, so
 * that a name cannot lead elsewhere between the look and the connection. The host of a URL may be an address in any spelling: by the time
 * that it comes here the URL's parser has made it plain.
 *
 * @param allowedHosts `host:port` of those that may be private, and plain http
 */
export function createGuardedConnect(
  allowedHosts: ReadonlySet<string>,
  resolveName: ResolveName = resolveBySystem,
): buildConnector.connector {
  const options = { timeout: WEBHOOKS.connectMs, allowH2: false }
  const connectFreely = buildConnector(options)
  const connectToName = buildConnector({ ...options, lookup: publicOnly(resolveName) })

  return (target, callback) => {
    const { hostname, protocol, port } = target
    const spelled = isIP(hostname) === 6 ? `[${hostname}]` : hostname
    if (allowedHosts.has(hostOf({ hostname: spelled, protocol, port })))
      return connectFreely(target, callback)
    // No look-up is made of an address.
    if (protocol !== 'https:' || (isIP(hostname) !== 0 && !isPublicAddress(hostname)))
      return callback(new AddressRefused(), null)
    connectToName(target, (...[error, socket]) => {
      // A failed connection has an error and, whatever the types say, no second argument.
      if (error !== null) return callback(error, null)
      if (isPublicAddress(socket.remoteAddress ?? '')) return callback(null, socket)
      socket.destroy()
      callback(new AddressRefused(), null)
    })
  }
}

/** A name with one private address among others is refused as a whole. */
function publicOnly(resolveName: ResolveName): LookupFunction {
  return (hostname, { all }, callback) => {
    resolveName(hostname, (error, addresses) => {
      const [first] = addresses ?? []
      if (error !== null || first === undefined)
        return callback(error ?? new Error('The name has no address.'), '')
      if (!addresses.every(({ address }) => isPublicAddress(address)))
        return callback(new AddressRefused(), '')
      if (all) callback(null, [...addresses])
      else callback(null, first.address, first.family)
    })
  }
}
