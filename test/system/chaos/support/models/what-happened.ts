import type { Database } from '../../../../../src/store/database/database.ts'

/** How often each part of the model layer was at work. */
export interface Happened {
  readonly cacheHits: number
  readonly summaries: number
  readonly windows: number
  readonly hedges: number
  readonly escalations: number
  readonly repairs: number
  readonly continued: number
  readonly reattached: number
  readonly waitsForModels: number
  readonly embeddings: number
}

const HAPPENED = `
  select
    (select count(*)::integer from cache_look_ups where outcome in ('exact', 'semantic', 'lexical')) as "cacheHits",
    (select count(*)::integer from model_attempts where hop >= 10000 and status = 'ok') as summaries,
    (select count(*)::integer from context_windows) as windows,
    events.hedges, events.escalations, events.repairs, events.continued, events."waitsForModels",
    (select coalesce(sum(reattached), 0)::integer from model_attempts) as reattached,
    (select count(*)::integer from model_attempts where provider = 'embeddings') as embeddings
  from (
    select
      count(*) filter (where type = 'model.completed' and data -> 'hedge' is not null)::integer as hedges,
      count(*) filter (where type = 'model.routed' and data ->> 'cause' is not null)::integer as escalations,
      count(*) filter (where type = 'model.completed' and data ->> 'problem' = 'output_invalid')::integer as repairs,
      count(*) filter (where type = 'model.completed' and data ->> 'problem' = 'cut_off')::integer as continued,
      count(*) filter (where type = 'models.away')::integer as "waitsForModels"
    from run_events
  ) as events`

export async function whatHappened(database: Database): Promise<Happened> {
  const [happened] = await database.query<Happened & object>({ text: HAPPENED })
  if (happened === undefined) throw new Error('The store has said nothing.')
  return happened
}
