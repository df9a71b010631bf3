import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compile } from 'json-schema-to-typescript'
import { readOpenApiDocument } from './openapi-document.ts'
import { operationsSchema } from './operations-schema.ts'

/*
 * `npm run client`: writes the types of the client anew, from the API's OpenAPI document. With `--check`, as in `npm run check`, it
 * writes nothing and fails where the file is another one.
 */

const FILE = join(import.meta.dirname, '../../src/client/generated.ts')

const BANNER =
  '/* Written by `npm run client` from the OpenAPI document of the API. Change the schemas in src/api instead. */'

/** The compiler's remark on where a definition came from, which stands by each of them. */
const REMARK = /^ \* This interface was referenced by .*\n \* via the `definition` .*\n/gm

async function typesOfApi(): Promise<string> {
  const types = await compile(operationsSchema(await readOpenApiDocument()), 'Operations', {
    bannerComment: BANNER,
    ignoreMinAndMaxItems: true,
    unreachableDefinitions: true,
    style: { semi: false, singleQuote: true, printWidth: 110 },
  })
  return types
    .replaceAll(REMARK, '')
    .replaceAll(/^\/\*\*\n \*\/\n/gm, '')
    .replaceAll(/^ \*\n \*\/$/gm, ' */')
}

const types = await typesOfApi()
if (!process.argv.includes('--check')) writeFileSync(FILE, types)
else if (readFileSync(FILE, 'utf8') !== types) {
  process.stderr.write(
    'src/client/generated.ts is not what the document of the API says: run "npm run client".\n',
  )
  process.exitCode = 1
}
