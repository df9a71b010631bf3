/** Whether arrays and objects lie in each other more than `most` times. Looks at JSON, or what should be JSON, without parsing it. */
export function isTextDeeperThan(json: string, most: number): boolean {
  let depth = 0
  for (let at = 0; at < json.length; at++) {
    const character = json[at]
    if (character === '"') at = endOfString(json, at)
    else if (character === '[' || character === '{') depth += 1
    else if (character === ']' || character === '}') depth -= 1
    if (depth > most) return true
  }
  return false
}

/** Where the string that begins at `start` has its closing quote; the end of the text where it has none. */
function endOfString(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    if (json[at] === '\\') at += 1
    else if (json[at] === '"') return at
  }
  return json.length
}
