import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { FILE_TYPES, isFileType } from '../../contracts/files/file.ts'
import { HTTP } from '../../policies/api.ts'
import { loadFiles } from '../../store/files/files.ts'
import { deleteFile } from '../../store/files/remove-files.ts'
import { actingFor } from '../access/acting.ts'
import type { Api, ApiContext } from '../context.ts'
import { noQuery } from '../http/paging/paging.schema.ts'
import { problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import { fileParams } from '../http/requests/ids.schema.ts'
import { contentDisposition } from './content-disposition.ts'
import { file, uploadBody, uploadQuery } from './file.schema.ts'
import { FILE_READERS, requireFile } from './require-file.ts'
import { takeFile } from './take-file.ts'
import { toFileResource } from './to-file-resource.ts'

const tags = ['files']

const uploadSchema = {
  operationId: 'uploadFile',
  tags,
  summary: 'Upload an image or a PDF',
  description:
    'The body is the file, `content-type` says what it is, and has to be right: the content decides. Messages of the same principal name it by its id. A file that no message names is dropped after a while.',
  consumes: [...FILE_TYPES],
  querystring: uploadQuery,
  body: uploadBody,
  response: {
    201: file,
    ...problems('payload_too_large', 'unsupported_media_type', 'file_not_taken', 'file_quota_reached'),
  },
}

const getSchema = {
  operationId: 'getFile',
  tags,
  summary: 'Get what is known of a file',
  description:
    'One of the caller, one in a run that the caller may read, or with the scope `runs:read:all` any of the tenant.',
  params: fileParams,
  querystring: noQuery,
  response: { 200: file, ...problems('not_found') },
}

const contentSchema = {
  operationId: 'getFileContent',
  tags,
  summary: 'Get the content of a file',
  description: 'As it was uploaded. Browsers save it and do not show it.',
  params: fileParams,
  querystring: noQuery,
  response: {
    200: {
      description: 'The content.',
      content: Object.fromEntries(FILE_TYPES.map((type) => [type, { schema: uploadBody }])),
    },
    ...problems('not_found'),
  },
}

const deleteSchema = {
  operationId: 'deleteFile',
  tags,
  summary: 'Delete a file',
  description:
    'Messages that name it stay; models are told in its place that it was removed. What providers were given before is theirs to forget.',
  params: fileParams,
  response: { 200: file.describe('As it was.'), ...problems('not_found') },
}

const READ = { access: FILE_READERS } as const
const WRITE = { access: ['runs:write'] } as const
const CONTENT = { ...READ, produces: FILE_TYPES } as const

export function addFiles(api: Api, { database }: ApiContext): void {
  api.register(async (plain) => {
    const scope = plain.withTypeProvider<ZodTypeProvider>()
    // Here alone a body is bytes.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    scope.post(
      '/v1/files',
      { schema: uploadSchema, config: WRITE, bodyLimit: HTTP.bodyBytes.file },
      async (request, reply) => {
        const { filename = null, principal } = request.query
        const { 'content-type': given = '', 'content-encoding': encoding = 'identity' } = request.headers
        const owner = actingFor(request.principal, { principal })
        const type = given.split(';', 1)[0]?.trim().toLowerCase() ?? ''
        if (!isFileType(type) || encoding !== 'identity') {
          throw new Problem('unsupported_media_type', {
            detail: `Only ${FILE_TYPES.join(', ')} is taken here, uncompressed.`,
          })
        }
        const content = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
        const taken = await takeFile(database, owner, { content, type, name: filename })
        return reply.code(201).header('location', `/v1/files/${taken.id}`).send(toFileResource(taken))
      },
    )
  })

  api.get('/v1/files/:id', { schema: getSchema, config: READ }, async (request) =>
    toFileResource(await requireFile(database, request.principal, request.params.id, 'read')),
  )

  api.get('/v1/files/:id/content', { schema: contentSchema, config: CONTENT }, async (request, reply) => {
    const { id, tenant, type, name, bytes } = await requireFile(
      database,
      request.principal,
      request.params.id,
      'read',
    )
    const content = (await loadFiles(database, tenant, [id], bytes))?.get(id)
    if (content === undefined) throw new Problem('not_found')
    return reply
      .type(type)
      .header('content-disposition', contentDisposition(name ?? `${id}.${type.split('/')[1]}`))
      .header('content-security-policy', "default-src 'none'; sandbox")
      .send(content)
  })

  api.delete('/v1/files/:id', { schema: deleteSchema, config: WRITE }, async (request) => {
    const found = await requireFile(database, request.principal, request.params.id, 'write')
    if (!(await deleteFile(database, found.tenant, found.id))) throw new Problem('not_found')
    return toFileResource(found)
  })
}
