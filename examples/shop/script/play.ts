import type { ScriptedAnswer } from 'holdfast/testing'
import type { Turn } from './turn.ts'

/** What the model does next in one kind of conversation; asked again after each round of tool results. */
export type Play = (turn: Turn) => ScriptedAnswer
