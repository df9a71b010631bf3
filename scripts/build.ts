import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, globSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

/*
 * `npm run build`: src/ as JavaScript with declarations in dist/, since Node strips no types of files under node_modules. Files of
 * other kinds (migrations, the Temporal server's go.mod) are read at run time beside the code, so they are copied.
 */

const ROOT = join(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')

// What an earlier build left of a file that is gone would still be packed.
rmSync(DIST, { recursive: true, force: true })
// By its own file and not by its link in .bin: the folder of packages may itself be a link.
const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
execFileSync(process.execPath, [compiler, '-p', join(ROOT, 'tsconfig.build.json')], { stdio: 'inherit' })

const others = globSync('**/*', { cwd: join(ROOT, 'src'), withFileTypes: true })
  .filter((entry) => entry.isFile() && !entry.name.endsWith('.ts'))
  .map(({ parentPath, name }) => join(parentPath, name).slice(join(ROOT, 'src/').length))
for (const file of others) {
  mkdirSync(dirname(join(DIST, file)), { recursive: true })
  copyFileSync(join(ROOT, 'src', file), join(DIST, file))
}
chmodSync(join(DIST, 'cli/main.js'), 0o755)
