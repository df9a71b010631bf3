import { cutText } from '../../contracts/operator-text.ts'
import type { CloseRunInput } from '../../contracts/runs/ending.ts'
import { describeArguments } from '../../contracts/tools/describe-arguments.ts'
import { ENDING_WORDS, LISTED_EFFECTS } from '../../policies/endings.ts'
import type { Db } from '../../store/database/database.ts'
import { findLastWords, type Words } from '../../store/runs/last-words.ts'
import { type EffectOfRun, findEffects } from '../../store/runs/run-effects.ts'

type Answer = NonNullable<CloseRunInput['answer']>

/**
 * The answer of a run that ends without one: the model's last answer, or else our words for the reason of its end, with what has
 * been done. So nothing that can't be undone is left unsaid.
 */
export async function whatThereIs(
  db: Db,
  { run, reason, answer: { seq, text } }: CloseRunInput & { readonly answer: Answer },
): Promise<Pick<Answer, 'seq' | 'text'>> {
  const words = text === undefined ? await findLastWords(db, run) : null
  const effects = await findEffects(db, run, LISTED_EFFECTS.most + 1)
  // It stands in the transcript already.
  if (words?.isAnswer && effects.length === 0) return { seq: words.seq }
  return { seq, text: withEffects(text ?? leadOf(reason, words), effects) }
}

function leadOf(reason: CloseRunInput['reason'], words: Words | null): string {
  if (words?.isAnswer) return words.text
  const ours = Object.entries(ENDING_WORDS).find(([of]) => of === reason)?.[1] ?? ''
  return words === null ? ours : `${ours}\n\nThe last words were: ${words.text}`
}

function withEffects(lead: string, effects: readonly EffectOfRun[]): string {
  if (effects.length === 0) return lead
  const told = effects.slice(-LISTED_EFFECTS.most).map((effect) => `- ${describe(effect)}`)
  const older = effects.length > told.length ? ['- … and more before these'] : []
  return [lead, '', 'Done so far:', ...older, ...told].join('\n')
}

function describe({ tool, arguments: args, outcome }: EffectOfRun): string {
  return `${tool}(${cutText(describeArguments(args), LISTED_EFFECTS.argumentCharacters)}): ${describeOutcome(outcome)}`
}

function describeOutcome(outcome: EffectOfRun['outcome']): string {
  if (outcome === null || outcome.status === 'outcome_unknown')
    return 'it is not known whether it took effect'
  if (outcome.status === 'ok') return 'ok'
  return outcome.code === undefined ? 'failed' : `failed (${outcome.code})`
}
