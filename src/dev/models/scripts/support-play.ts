import type { ScriptedAnswer } from '../../../testing/script.ts'
import type { Turn } from './support-turn.ts'

/** What the model does next in one kind of conversation; asked again after each round of tool results. */
export type Play = (turn: Turn) => ScriptedAnswer
