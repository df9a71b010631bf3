import { ModelFailure } from '../../failures/model-failure.ts'
import type { Delta } from './event.schema.ts'

/** A content block put together from its events; later requests contain its `fields` unchanged. */
export interface Block {
  readonly type: unknown
  readonly fields: Record<string, unknown>
  /** JSON text of a tool's input, unparsed: a lenient reading would make a call that was cut short look whole. */
  input: string
}

export interface Blocks {
  readonly list: readonly Block[]
  /** Begins a block. @returns the text in it */
  start(index: number | undefined, block: Readonly<Record<string, unknown>>): string
  /** Adds a delta to its block; a delta of an unknown type is skipped. @returns the text in it */
  add(index: number | undefined, delta: Delta): string
}

/** The blocks of one message. A delta without an index, or with a repeated index, belongs to the block that was begun last. */
export function createBlocks(): Blocks {
  const list: Block[] = []
  const byIndex = new Map<number | undefined, Block>()
  let lastCall: Block | undefined

  function begin(index: number | undefined, fields: Record<string, unknown>): Block {
    const block = { type: fields['type'], fields, input: '' }
    list.push(block)
    byIndex.set(index, block)
    if (block.type === 'tool_use') lastCall = block
    return block
  }

  function blockFor(index: number | undefined, type: string): Block {
    const block = byIndex.get(index) ?? list.at(-1)
    return block?.type === type ? block : begin(index, { type })
  }

  /** The block that input belongs to. Input without a block fails the answer: without its input a call would be another call. */
  function inputBlock(index: number | undefined): Block {
    const block = byIndex.get(index) ?? list.at(-1)
    if (block !== undefined && block.type !== 'text' && block.type !== 'thinking') return block
    if (lastCall !== undefined) return lastCall
    throw new ModelFailure('model_answer_malformed', { cause: new Error('input for no tool call') })
  }

  return {
    list,
    start(index, fields) {
      const block = begin(index, { ...fields })
      return block.type === 'text' ? textIn(block, 'text') : ''
    },
    add(index, delta) {
      switch (delta.type) {
        case 'text_delta':
          append(blockFor(index, 'text'), 'text', delta.text)
          return delta.text ?? ''
        case 'thinking_delta':
          append(blockFor(index, 'thinking'), 'thinking', delta.thinking)
          return ''
        case 'signature_delta':
          blockFor(index, 'thinking').fields['signature'] = delta.signature ?? ''
          return ''
        case 'citations_delta': {
          const { fields } = blockFor(index, 'text')
          if (Array.isArray(fields['citations'])) fields['citations'].push(delta.citation)
          else fields['citations'] = [delta.citation]
          return ''
        }
        case 'input_json_delta': {
          inputBlock(index).input += delta.partial_json ?? ''
          return ''
        }
        default:
          return ''
      }
    },
  }
}

export function textIn({ fields }: Block, field: string): string {
  const text = fields[field]
  return typeof text === 'string' ? text : ''
}

function append(block: Block, field: string, more = ''): void {
  block.fields[field] = textIn(block, field) + more
}
