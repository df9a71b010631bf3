import { z } from 'zod'
import { DayToCome, reportOfDay } from '../../store/reports/report-of-day.ts'
import type { Api, ApiContext } from '../context.ts'
import { CSV } from '../http/csv.ts'
import { noQuery } from '../http/paging/paging.schema.ts'
import { problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import { bestType, JSON_TYPE, TEXT } from '../http/requests/accepts.ts'
import { dailyReport, reportDay, reportParams } from './report.schema.ts'
import { reportCsv } from './report-csv.ts'
import { reportText } from './report-text.ts'
import { toReportResource } from './to-report-resource.ts'

const TYPES = [JSON_TYPE, TEXT, CSV] as const

const schema = {
  operationId: 'getDailyReport',
  tags: ['budgets'],
  summary: "This tenant's report of a day",
  description:
    'Spend by agent, model and principal against the days before, ends of runs, failing tools, and what was saved. The report of a day that is over is kept, and made again where a call of that day is settled later. With `Accept: text/plain` it is for people, with `Accept: text/csv` its spend is for a spreadsheet.',
  params: reportParams,
  querystring: noQuery,
  response: {
    200: {
      description: 'The report.',
      content: {
        [JSON_TYPE]: { schema: dailyReport },
        [TEXT]: { schema: z.string().describe('The report as text.') },
        [CSV]: { schema: z.string().describe('Its spend: a line for each agent, model and principal.') },
      },
    },
    ...problems(),
  },
}

const NO_DAY = 'The day is none of the calendar, such as 2026-11-27, nor `today` or `yesterday`.'

const config = { produces: TYPES, access: ['usage:read'] } as const

export function addReports(api: Api, { database }: Pick<ApiContext, 'database'>): void {
  api.get('/v1/reports/:day', { schema, config }, async (request, reply) => {
    const day = reportDay.safeParse(request.params.day)
    if (!day.success) throw new Problem('invalid_request', { detail: NO_DAY })
    const report = await reportOfDay(database, request.principal.tenant, day.data).catch((error: unknown) => {
      if (error instanceof DayToCome) throw new Problem('invalid_request', { detail: error.message })
      throw error
    })
    const resource = toReportResource(report)
    const type = bestType(request.headers.accept, TYPES)
    if (type === JSON_TYPE) return resource
    const text = type === CSV ? reportCsv(resource) : reportText(resource)
    return reply.type(`${type}; charset=utf-8`).send(text)
  })
}
