import { readFileSync } from 'node:fs'

interface Manifest {
  readonly version: string
  readonly engines: { readonly node: string }
  readonly peerDependencies: { readonly zod: string }
  readonly devDependencies: { readonly '@types/node': string; readonly typescript: string }
}

/** The product's own `package.json`. */
export function readManifest(): Manifest {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Manifest
}
