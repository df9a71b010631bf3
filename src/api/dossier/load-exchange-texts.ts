import { cutText } from '../../contracts/operator-text.ts'
import { DOSSIER } from '../../policies/operations/dossier.ts'
import type { Db } from '../../store/database/database.ts'
import { type Exchange, loadAnswers, loadBodies } from '../../store/dossier/list-exchanges.ts'
import type { StepRange } from '../../store/dossier/step-range.ts'
import type { ExchangeTexts } from './to-model-calls.ts'

/** The bodies of a single step's exchanges, as many as fit into one answer; of several steps' what providers have said in place of answers. */
export async function loadExchangeTexts(
  db: Db,
  range: StepRange,
  exchanges: readonly Exchange[],
  isSingle: boolean,
): Promise<ExchangeTexts> {
  return isSingle
    ? { bodies: await loadBodies(db, range, withinBound(exchanges)), excerpts: new Map() }
    : { bodies: new Map(), excerpts: await loadExcerpts(db, range, exchanges) }
}

/** Ids of the exchanges whose bodies fit, from the first on. The first has more room. */
function withinBound(exchanges: readonly Exchange[]): readonly string[] {
  let left: number = DOSSIER.shownBodyBytes
  return exchanges
    .filter(({ requestBytes, answerKeptBytes }, at) => {
      const bytes = requestBytes + answerKeptBytes
      left -= bytes
      return left >= 0 || (at === 0 && bytes <= DOSSIER.firstBodyBytes)
    })
    .map(({ id }) => id)
}

async function loadExcerpts(
  db: Db,
  range: StepRange,
  exchanges: readonly Exchange[],
): Promise<ReadonlyMap<string, string>> {
  const refused = exchanges
    .filter(({ status, answerKeptBytes }) => (status ?? 0) >= 400 && answerKeptBytes > 0)
    .slice(0, DOSSIER.pageExcerpts)
  const answers = await loadAnswers(
    db,
    range,
    refused.map(({ id }) => id),
  )
  return new Map(
    [...answers].map(([id, answer]) => [id, cutText(answer.toString('utf8'), DOSSIER.excerptCharacters)]),
  )
}
