import type { Message } from '../../../src/contracts/runs/message.ts'
import type { Script, ScriptedAnswer, ScriptedReply, ScriptedToolCall } from '../../../src/testing/script.ts'
import { firstWords, wordsOf } from './words.ts'

/** Finds a file. */
export const LOOK_UP = { tool: 'look_up', arguments: { key: 'moka' } } as const
/** Finds none: `tool_not_found`. */
export const MISS = { tool: 'look_up', arguments: { key: 'nothing' } } as const
export const NOTE = { tool: 'take_note', arguments: { content: 'Wants to talk to somebody.' } } as const
/** The policy asks a person about this one. */
export const PAY = { tool: 'pay', arguments: { to: 'ann', cents: 6_000 } } as const
/** Nobody has to be asked about this one. */
export const SMALL_PAY = { tool: 'pay', arguments: { to: 'ann', cents: 500 } } as const

/** A model that says one thing after the other, whatever it is told: its place is the number of its own answers. */
export function sayInTurn(...replies: readonly ScriptedReply[]): Script {
  return ({ messages }) => {
    const place = messages.filter(({ role }) => role === 'assistant').length
    const reply = replies[Math.min(place, replies.length - 1)]
    if (reply === undefined) throw new Error('a script without a reply')
    return reply
  }
}

/** Wants somebody paid, and at the end repeats word for word what it was told since. */
export const payAndRepeat: Script = ({ messages }) => callAndRepeat(messages, PAY)

/** The same with a note. */
export const noteAndRepeat: Script = ({ messages }) => callAndRepeat(messages, NOTE)

function callAndRepeat(messages: readonly Message[], call: ScriptedToolCall): ScriptedAnswer {
  const asked = messages.findIndex(({ role }) => role === 'assistant')
  if (asked < 0) return { toolCalls: [call] }
  return {
    text: messages
      .slice(asked + 1)
      .map(wordsOf)
      .join('\n'),
  }
}

/**
 * `read 200 1200`: 200 steps that each say 1,200 characters and call one tool: one that reads as much again, one that writes, or one
 * that finds nothing and says so shortly (`miss`). Then a last word.
 */
export const longScript: Script = ({ messages }) => {
  const [kind = '', steps, characters] = firstWords(messages).split(' ')
  const step = messages.filter(({ role }) => role === 'assistant').length + 1
  if (step > Number(steps)) return { text: `All ${steps} steps are taken.` }
  const text = `Step ${step}. ${'What was found so far says nothing yet. '.repeat(100)}`
  const call = LONG_CALLS[kind]
  if (call === undefined) throw new Error(`There is no call ${kind}`)
  return { text: text.slice(0, Number(characters)), toolCalls: [call] }
}

const LONG_CALLS: Readonly<Record<string, ScriptedToolCall>> = {
  read: { tool: 'look_up', arguments: { key: 'minutes' } },
  miss: MISS,
  write: {
    tool: 'take_note',
    arguments: {
      content:
        'The parcel was due ten days ago and has not moved since the sorting centre. Whoever waits for it wants to know where it is, or else the money back.',
    },
  },
}
