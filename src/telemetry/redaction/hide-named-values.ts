import { NAME_IN_TEXT } from './secret-names.ts'

/** Values that say no more than that nothing is there. */
const NOT_SECRET = /^(?:null|undefined|true|false|\[secret\])$/

/** Headers, whose value goes on to the end of its line. */
const WHOLE_LINE = /^(?:authorization|cookie)$/i

/**
 * Replaces values that stand behind the name of a credential in a text: JSON (also JSON within JSON, with escaped quotation marks), query
 * strings, headers and `name=value`. Looks at each character a fixed number of times.
 */
export function hideNamedValues(text: string): string {
  let hidden = ''
  let from = 0
  NAME_IN_TEXT.lastIndex = 0
  for (let found = NAME_IN_TEXT.exec(text); found !== null; found = NAME_IN_TEXT.exec(text)) {
    const start = NAME_IN_TEXT.lastIndex
    const end = endOfValue(text, start, found)
    if (end > start && !NOT_SECRET.test(text.slice(start, Math.min(end, start + 16)))) {
      hidden += `${text.slice(from, start)}[secret]`
      from = end
    }
    NAME_IN_TEXT.lastIndex = Math.max(end, start)
  }
  return from === 0 ? text : hidden + text.slice(from)
}

function endOfValue(text: string, start: number, [, name = '', , quote]: RegExpExecArray): number {
  if (quote !== undefined) return closingQuote(text, start, quote)
  const first = text[start]
  if (first === '{' || first === '[')
    return text.startsWith('[secret]', start) ? start : closingBracket(text, start)
  const end = WHOLE_LINE.test(name) ? /[\r\n"'\\]/g : /[\s,;&"'<>(){}[\]\\]/g
  end.lastIndex = start
  return end.exec(text)?.index ?? text.length
}

/** Where the next quotation mark stands that is escaped as often as the opening one. One that is escaped more belongs to the value. */
function closingQuote(text: string, start: number, quote: string): number {
  const mark = quote.slice(-1)
  const escapes = quote.length - 1
  for (let at = text.indexOf(mark, start); at !== -1; at = text.indexOf(mark, at + 1)) {
    let before = at
    while (before > start && text[before - 1] === '\\') before--
    if (at - before === escapes) return before
  }
  return text.length
}

function closingBracket(text: string, start: number): number {
  let open = 0
  for (let at = start; at < text.length; at++) {
    if (text[at] === '{' || text[at] === '[') open++
    else if ((text[at] === '}' || text[at] === ']') && --open === 0) return at + 1
  }
  return text.length
}
