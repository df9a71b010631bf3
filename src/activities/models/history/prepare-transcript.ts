import { fileWords, type MessageFile, toParts } from '../../../contracts/files/message-file.ts'
import { isJsonObject, type JsonObject } from '../../../contracts/json.ts'
import type { AssistantMessage, ToolCall, ToolMessage, UserMessage } from '../../../contracts/runs/message.ts'
import { type Dialect, HISTORY_TEXTS } from '../../../policies/models/dialects.ts'
import { acceptedFiles } from '../../../policies/models/files.ts'
import { undated } from '../prices/undated.ts'
import type { ModelRequest } from '../wires/model-adapter.ts'
import { CALL_ID, CHAT_CALL_ID, createNameFitter, TOOL_NAME } from './fit-names.ts'
import { type AnswerWithResults, pairCalls } from './pair-calls.ts'

export interface UserTurn {
  readonly role: 'user'
  /** Never empty. */
  readonly parts: readonly UserPart[]
}

/** No text is blank. */
export type UserPart = { readonly text: string } | { readonly file: GivenFile }

export interface GivenFile extends Pick<MessageFile, 'kind' | 'type' | 'name'> {
  readonly base64: string
}

export interface AssistantTurn {
  readonly role: 'assistant'
  /** '' where the answer has only calls. */
  readonly text: string
  readonly calls: readonly ToolCall[]
  /** The provider's own items, for the model that made them; null for any other. Their calls have the model's own ids and names. */
  readonly items: readonly JsonObject[] | null
  /** The model goes on with this turn where nothing of the user follows. */
  readonly paused?: true
}

export interface ResultTurn {
  readonly role: 'tool'
  readonly callId: string
  readonly content: string
  /** Images of the result; none on the wire that has no place for them. */
  readonly files: readonly GivenFile[]
  readonly isError: boolean
}

export type Turn = UserTurn | AssistantTurn | ResultTurn

/**
 * A transcript in a form that every provider accepts; the stored transcript is not changed. Names of tools and ids of calls fit and are
 * unique, every call is followed at once by its result, no text is blank, no two answers follow each other, the first turn is the
 * user's, and the last is the user's or a result. A paused answer is the exception: to the model that has paused, its next answer or
 * the request's end follows it.
 */
export function prepareTranscript(request: ModelRequest, dialect: Dialect): Turn[] {
  const { model, tools, messages, files } = request
  const plain = dialect.history === 'plain'
  const declared = tools.map(({ name }) => name)
  const nameOf = createNaming(declared)
  const idOf = plain
    ? createNumbering()
    : createNameFitter(model.wire === 'openai-chat' ? CHAT_CALL_ID : CALL_ID)

  const turns: Turn[] = []
  function add(turn: Turn): void {
    const last = turns.at(-1)?.role ?? 'assistant'
    if (turn.role === 'assistant' && last === 'assistant' && !isPaused(turns.at(-1)))
      turns.push(said(HISTORY_TEXTS.goOn))
    // Templates of some compatible servers fail on a user's turn after a result.
    if (turn.role === 'user' && last === 'tool' && plain && model.wire === 'openai-chat')
      turns.push({ role: 'assistant', text: HISTORY_TEXTS.noted, calls: [], items: null })
    turns.push(turn)
  }
  function addAnswer({ message, results }: AnswerWithResults): void {
    const text = isBlank(message.text) ? '' : message.text
    const items = plain ? null : itemsFor(request, message)
    const pauses = message.paused === true && items !== null && items.length > 0
    if (text === '' && message.toolCalls.length === 0 && !pauses) return
    const calls = message.toolCalls.map((call) => ({
      callId: idOf(call.callId),
      tool: nameOf(call.tool),
      arguments: call.arguments,
    }))
    add({ role: 'assistant', text, calls, items, ...(pauses && { paused: true }) })
    const images: GivenFile[] = []
    for (const [index, { callId }] of calls.entries()) {
      const { content = HISTORY_TEXTS.noResult, isError = true } = results[index] ?? {}
      const files = readable(results[index]?.files, request)
      if (model.wire === 'openai-chat') images.push(...files)
      const given = model.wire === 'openai-chat' ? [] : files
      add({ role: 'tool', callId, content: isBlank(content) ? '{}' : content, files: given, isError })
    }
    // Its results are text alone.
    if (images.length > 0) {
      const parts = images.map((file) => ({ file }))
      add({ role: 'user', parts: [{ text: HISTORY_TEXTS.imagesOfResults }, ...parts] })
    }
  }

  function addUser(message: UserMessage): void {
    const parts = partsOf(message, files)
    if (parts.length > 0) add({ role: 'user', parts })
  }

  for (const entry of pairCalls(messages)) {
    if ('message' in entry) addAnswer(entry)
    else addUser(entry)
  }
  const last = turns.at(-1)
  if (last === undefined || (last.role === 'assistant' && !isPaused(last))) add(said(HISTORY_TEXTS.goOn))
  return turns
}

function said(text: string): UserTurn {
  return { role: 'user', parts: [{ text }] }
}

/** The files of a result that the model can be given. The result's own words say where they belong. */
function readable(of: ToolMessage['files'], { model, files }: ModelRequest): GivenFile[] {
  return (of ?? []).flatMap(({ id, kind, type }) => {
    const base64 = files?.get(id)
    return base64 !== undefined && acceptedFiles(model).includes(kind) ? [{ kind, type, base64 }] : []
  })
}

/** A file whose content is gone is named in words. */
function partsOf(message: UserMessage, files: ModelRequest['files']): UserPart[] {
  return toParts(message)
    .map((part): UserPart => {
      if ('text' in part) return part
      const { id, kind, type, name } = part.file
      const base64 = files?.get(id)
      if (base64 === undefined) return { text: `${fileWords(part.file)} ${HISTORY_TEXTS.fileRemoved}` }
      return { file: { kind, type, base64, ...(name !== undefined && { name }) } }
    })
    .filter((part) => 'file' in part || !isBlank(part.text))
}

/** The text of a turn without files, its parts put together; null where it has files. */
export function textOf({ parts }: UserTurn): string | null {
  const texts = parts.flatMap((part) => ('text' in part ? [part.text] : []))
  return texts.length === parts.length ? texts.join('\n\n') : null
}

function isPaused(turn: Turn | undefined): boolean {
  return turn?.role === 'assistant' && turn.paused === true
}

/** Whether some provider would refuse the text as empty: white space of JavaScript or Python, which differ about control characters. */
export function isBlank(text: string): boolean {
  return !/[^\s\p{Cc}]/u.test(text)
}

/** A tool that is offered keeps its name; a name that a model made up gets another one, the same wherever it stands. */
function createNaming(declared: readonly string[]): (tool: string) => string {
  const fitting = createNameFitter(TOOL_NAME, declared)
  const given = new Map(declared.map((name) => [name, name]))
  return (tool) => {
    const name = given.get(tool) ?? fitting(tool)
    given.set(tool, name)
    return name
  }
}

/** Ids of nine letters and digits, which Mistral requires. */
function createNumbering(): () => string {
  let count = 0
  return () => {
    count += 1
    return `c${String(count).padStart(8, '0')}`
  }
}

/** The provider's own items, where the model that made them is asked: no other model can read encrypted reasoning and signatures. */
function itemsFor({ model }: ModelRequest, message: AssistantMessage): readonly JsonObject[] | null {
  const { wire, wireItems, madeBy } = message
  if (wire !== model.wire || !wireItems.every(isJsonObject)) return null
  const made = madeBy ?? model
  return made.provider === model.provider && undated(made.model) === undated(model.model) ? wireItems : null
}
