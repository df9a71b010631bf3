import { readManifest } from '../../telemetry/manifest.ts'

/** The `package.json` of a new project: on this version of the product, with what its tests and types need. */
export function projectManifest(name: string): string {
  const { version, peerDependencies, devDependencies, engines } = readManifest()
  const manifest = {
    name,
    private: true,
    type: 'module',
    engines: { node: engines.node },
    scripts: {
      dev: 'holdfast dev app.ts',
      check: 'tsc && holdfast check app.ts',
      // With the pattern a Node that is too old fails; without it, it finds no test in a `.ts` file and passes.
      test: 'node --test "**/*.test.ts"',
    },
    dependencies: { holdfast: version, zod: peerDependencies.zod },
    devDependencies: {
      '@types/node': devDependencies['@types/node'],
      typescript: devDependencies.typescript,
    },
  }
  return `${JSON.stringify(manifest, null, 2)}\n`
}
