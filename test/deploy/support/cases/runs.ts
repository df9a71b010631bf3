import type { AlertCase } from '../alert-case.ts'
import { counter, histogram, still } from '../series.ts'

const AGENT = { agent: 'clerk' }
const ended = (status: string, perMinute: number) =>
  counter('holdfast_runs_ended_total', { ...AGENT, agent_version: 'v1', status, reason: '' }, perMinute)

const lasting = (value: number, perMinute: number) => [
  ended('completed', perMinute),
  ...histogram('holdfast_run_duration_seconds', { ...AGENT, status: 'completed' }, { perMinute, value }),
]

const retried = (activity: string, code: string, perMinute: number) =>
  counter('holdfast_activity_retries_total', { activity, code }, perMinute)
const attempts = (perMinute: number) => [
  counter(
    'holdfast_model_attempts_total',
    { ...AGENT, provider: 'openai', model: 'm', outcome: 'answered', code: '' },
    perMinute,
  ),
  counter(
    'holdfast_tool_attempts_total',
    { ...AGENT, tool: 'find_order', outcome: 'ok', code: '' },
    perMinute,
  ),
]

export const RUN_CASES: readonly AlertCase[] = [
  {
    alert: 'HoldfastRunsFailing',
    afterMinutes: 5,
    fires: [ended('completed', 94), ended('failed', 5), ended('expired', 1), ended('cancelled', 100)],
    says: {
      labels: AGENT,
      summary: 'Runs of clerk do not complete',
      description: '94% of the runs of clerk completed in the last 15 minutes; below 95 % this fires.',
    },
    quiet: {
      'at 95 %': [ended('completed', 95), ended('incomplete', 5)],
      'with 15 runs': [ended('completed', 0), ended('failed', 1)],
      'where people cancel': [ended('completed', 50), ended('cancelled', 50)],
    },
  },
  {
    alert: 'HoldfastRunsSlow',
    afterMinutes: 10,
    fires: lasting(400, 10),
    says: {
      labels: AGENT,
      summary: 'Runs of clerk are slow',
      description: 'One in 100 runs of clerk takes longer than 29m 44s; above 5 minutes this fires.',
    },
    quiet: {
      'at 5 minutes': lasting(300, 10),
      'with 15 runs': lasting(400, 1),
      'where runs have waited for people': [
        ...lasting(400, 10),
        {
          ...still('holdfast_run_waits_total', { ...AGENT, reason: 'approval' }, 1),
          bornAfter: 10,
        },
      ],
      'where runs have waited for more budget': [
        ...lasting(400, 10),
        { ...still('holdfast_run_waits_total', { ...AGENT, reason: 'budget' }, 1), bornAfter: 10 },
      ],
    },
  },
  {
    alert: 'HoldfastPoisonRun',
    afterMinutes: 15,
    fires: [retried('closeRun', 'internal', 2.1)],
    says: {
      labels: { activity: 'closeRun', code: 'internal' },
      summary: 'closeRun is retried again and again',
      description:
        'closeRun failed with internal and was retried 10 times in the last 5 minutes, and has been for 15.',
    },
    quiet: {
      'below 10 in 5 minutes': [retried('closeRun', 'internal', 1.9)],
      'where tries end by themselves': [
        retried('callModel', 'model_overloaded', 50),
        retried('runTool', 'tool_failed', 50),
      ],
      'while the store is away': [retried('closeRun', 'store_unavailable', 50)],
    },
  },
  {
    alert: 'HoldfastRetriesHigh',
    afterMinutes: 10,
    fires: [retried('callModel', 'model_overloaded', 2.2), ...attempts(5)],
    says: {
      labels: {},
      summary: 'Many activities are retried',
      description:
        'There were 22% as many retries as attempts of models and tools in the last 15 minutes; above 20 % this fires.',
    },
    quiet: {
      'at 20 %': [retried('callModel', 'model_overloaded', 2), ...attempts(5)],
      'with 15 retries': [retried('callModel', 'model_overloaded', 1), ...attempts(1)],
      'without attempts': [retried('closeRun', 'store_unavailable', 10)],
    },
  },
]
