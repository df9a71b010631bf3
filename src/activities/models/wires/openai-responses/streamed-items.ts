import { ITEM, type Item, type ResponsesEvent } from './event.schema.ts'

/** An item of the answer, put together from the stream's pieces. */
interface StreamedItem {
  readonly index: number | undefined
  item: Item
  isDone: boolean
  /** Text or arguments so far, for servers that never send the item whole. */
  pieces: string
}

export interface StreamedItems {
  /** Begins an item. */
  added(event: ResponsesEvent): void
  /** Adds a piece of an item's text or arguments; a `whole` one replaces the pieces before it. */
  piece(event: ResponsesEvent, text: string, whole: boolean): void
  /** Takes a finished item. */
  done(event: ResponsesEvent): void
  /** All items, in the order of the answer. */
  list(): readonly Item[]
}

/**
 * The items of a stream. An event names its item by id or by place. Bridge servers give every item the place 0, or none: an event that
 * names no item belongs to the one that was begun last.
 */
export function createStreamedItems(): StreamedItems {
  const streamed: StreamedItem[] = []
  const byId = new Map<unknown, StreamedItem>()
  const byIndex = new Map<number | undefined, StreamedItem>()

  function find(id: unknown, index: number | undefined): StreamedItem | undefined {
    const known = id === undefined ? undefined : byId.get(id)
    return known ?? [byIndex.get(index), streamed.at(-1)].find((one) => one?.isDone === false)
  }

  function begin(index: number | undefined, item: Item, isDone: boolean): void {
    const one = { index, item, isDone, pieces: '' }
    streamed.push(one)
    byId.set(item['id'], one)
    byIndex.set(index, one)
  }

  return {
    added({ item = {}, output_index: index }) {
      begin(index, item, false)
    },
    piece({ item_id, output_index }, text, whole) {
      const found = find(item_id, output_index)
      if (found !== undefined) found.pieces = whole ? text : found.pieces + text
    },
    done({ item = {}, output_index: index }) {
      const found = find(item['id'], index)
      if (found === undefined || found.isDone || found.item['type'] !== item['type']) {
        begin(index, item, true)
      } else {
        found.item = item
        found.isDone = true
      }
    },
    list() {
      const places = new Set(streamed.map(({ index }) => index))
      const placed = places.size === streamed.length && !places.has(undefined)
      const inOrder = placed ? streamed.toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0)) : streamed
      return inOrder.map((one) => (one.isDone ? one.item : assemble(one)))
    },
  }
}

/** An item with its pieces, where the server has never sent it whole. */
function assemble({ item, pieces }: StreamedItem): Item {
  const { type, arguments: args, content } = ITEM.parse(item)
  if (pieces === '') return item
  if (type === 'function_call' && !args) return { ...item, arguments: pieces }
  if (type === 'message' && content.length === 0) {
    return { ...item, content: [{ type: 'output_text', text: pieces, annotations: [] }] }
  }
  return item
}
