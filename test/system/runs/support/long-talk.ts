import type { ScriptedAnswer, ScriptedRequest } from '../../../../src/testing/script.ts'

/*
 * A conversation of many turns: a user who tells small things, a model that answers from what it is shown, and a model that writes
 * summaries of what it is given.
 */

/** What the user says in the third turn, and asks for in the last one. */
export const FACT = { turn: 3, words: 'My badge number is 48213.', answer: '48213' } as const

const CHATTER =
  'The weather on the coast was fine again, and the ferry left on time with all of the crates on board. '

/** @param turns the last of them asks for the fact */
export function userWords(turn: number, turns: number): string {
  if (turn === turns) return 'What is my badge number?'
  return `Turn ${turn}. ${turn === FACT.turn ? FACT.words : ''} ${CHATTER.repeat(3)}`
}

/** Answers a question from what it is shown, and nothing else. */
export function answerFromShown({ messages }: ScriptedRequest): ScriptedAnswer {
  const words = messages.map((message) => (message.role === 'tool' ? message.content : message.text))
  const last = words.at(-1) ?? ''
  if (!/What is my badge number/.test(last)) return { text: `Noted. ${CHATTER.repeat(4)}` }
  const [, number] = /badge number is (\d+)/.exec(words.join('\n')) ?? []
  return { text: number === undefined ? 'I do not know it.' : `It is ${number}.` }
}

/** Keeps the facts of what it is given, and pads them as a model does. */
export function summarise({ messages }: ScriptedRequest): ScriptedAnswer {
  const text = messages.map((message) => (message.role === 'user' ? message.text : '')).join('\n')
  const facts = [...new Set(text.match(/My badge number is \d+\./g) ?? [])]
  return { text: [...facts, 'The user talked about the coast, the ferry and its crates.'].join(' ') }
}

export function isSummaryRequest({ system }: Pick<ScriptedRequest, 'system'>): boolean {
  return system.startsWith('You shorten conversations')
}
