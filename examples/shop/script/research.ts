import type { Script } from 'holdfast/testing'
import { type OrderDetails, objects, readOrder, readOrderList, text } from './orders.ts'
import { findResult, readTurn, type Turn } from './turn.ts'
import { contentWords, dayOf, listing } from './words.ts'

const ABOUT_ORDERS = /\b(orders?|bought|parcels?|deliver(y|ed)|refunds?|returned)\b/i
const LONGEST_QUERY = 300
/** Orders that one report looks at. */
const MOST_ORDERS = 10

/** Plays the model of research: finds what the task names, reads all of it side by side, and reports with its sources. */
export const researchScript: Script = (request) => {
  const turn = readTurn(request, 'last_message')
  // What a customer is quoted with is not what is to be looked for.
  const [task = ''] = turn.said.split('"')
  const withOrders = ABOUT_ORDERS.test(task)
  const search = findResult(turn, 'search_help')
  if (!search) {
    const query = (contentWords(task).join(' ') || task).slice(0, LONGEST_QUERY)
    const orders = withOrders ? [{ tool: 'list_orders', arguments: {} }] : []
    return { text: '', toolCalls: [...orders, { tool: 'search_help', arguments: { query } }] }
  }
  const numbers = orderNumbers(turn)
  const [best] = objects(search.value?.['articles'])
  const article = best === undefined ? null : text(best['article'])
  const unread = [
    ...numbers.map((number) => ({ tool: 'get_order', arguments: { order_number: number } })),
    ...(article === null ? [] : [{ tool: 'read_article', arguments: { article } }]),
  ].filter(({ tool, arguments: args }) => !findResult(turn, tool, args))
  if (unread.length > 0) return { text: '', toolCalls: unread }
  const orders = numbers.flatMap((number) => {
    const value = findResult(turn, 'get_order', { order_number: number })?.value
    return value ? [readOrder(value)] : []
  })
  return { text: report(orders, withOrders, quote(turn)) }
}

function orderNumbers(turn: Turn): readonly string[] {
  const list = findResult(turn, 'list_orders')?.value
  return list
    ? readOrderList(list)
        .orders.map(({ number }) => number)
        .slice(0, MOST_ORDERS)
    : []
}

function report(orders: readonly OrderDetails[], withOrders: boolean, quoted: string): string {
  if (!withOrders) return quoted
  if (orders.length === 0) return `There are no orders in this account to look at. ${quoted}`
  const open = orders.filter(({ returnWindow }) => returnWindow === 'open').length
  return [
    `Of ${orders.length} orders, ${open} can still be returned.`,
    orders.map((order) => `- ${order.number} (${things(order)}): ${whether(order)}`).join('\n'),
    quoted,
  ].join('\n\n')
}

function things({ items }: OrderDetails): string {
  return listing(items.map(({ title }) => title))
}

function whether({ status, returnWindow, deliveredOn }: OrderDetails): string {
  if (status === 'cancelled') return 'was cancelled.'
  switch (returnWindow) {
    case 'open':
      return `can be returned; delivered on ${dayOf(deliveredOn)}.`
    case 'closed':
      return `can no longer be returned; delivered on ${dayOf(deliveredOn)}.`
    default:
      return 'has not been delivered yet.'
  }
}

/** What the best article says first. */
function quote(turn: Turn): string {
  const article = findResult(turn, 'read_article')?.value
  if (!article) return 'The help articles say nothing about it.'
  const [first = ''] = text(article['text'])
    .trim()
    .split(/\n{2,}/)
  return `From the help article “${text(article['title'])}”: ${first}`
}
