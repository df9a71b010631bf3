import { readFileSync } from 'node:fs'

interface Manifest {
  readonly version: string
  readonly peerDependencies: { readonly zod: string }
  readonly devDependencies: { readonly '@types/node': string; readonly typescript: string }
  readonly engines: { readonly node: string }
}

/** The `package.json` of a new project: on this version of the product, with what its tests and types need. */
export function projectManifest(name: string): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  const { version, peerDependencies, devDependencies, engines } = JSON.parse(text) as Manifest
  const manifest = {
    name,
    private: true,
    type: 'module',
    engines: { node: engines.node },
    scripts: {
      dev: 'holdfast dev app.ts',
      check: 'tsc && holdfast check app.ts',
      test: 'node --test',
    },
    dependencies: { holdfast: version, zod: peerDependencies.zod },
    devDependencies: {
      '@types/node': devDependencies['@types/node'],
      typescript: devDependencies.typescript,
    },
  }
  return `${JSON.stringify(manifest, null, 2)}\n`
}
