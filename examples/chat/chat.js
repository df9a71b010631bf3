import { createClient, HoldfastError } from '/holdfast/index.js'

/** A token ends after minutes: a minute before, the page asks its own backend for the next. */
const EARLY_MS = 60_000
let session = await newSession()
let renewing = null

async function newSession() {
  const answer = await fetch('/token', { method: 'POST' })
  if (!answer.ok) throw new Error(`No token: ${answer.status}`)
  const given = await answer.json()
  // By this page's own clock, which may be wrong.
  return { ...given, renewAt: Date.now() + given.expires_in * 1_000 - EARLY_MS }
}

async function token() {
  if (Date.now() > session.renewAt) {
    // Requests at the same time wait for one and the same answer.
    renewing ??= newSession().finally(() => {
      renewing = null
    })
    session = await renewing
  }
  return session.token
}

const { api, agent, thread } = session
const client = createClient({ url: api, token })
const [log, state, form, words] = ['#log', '#state', 'form', '#words'].map((name) =>
  document.querySelector(name),
)

/** `textContent`, never `innerHTML`: what people, models and tools say is text, whatever it looks like. */
function add(turn, who, text = '') {
  const line = document.createElement('li')
  line.className = who
  line.textContent = text
  turn.append(line)
  return line
}

/** A list of its own for each turn: an answer comes before the next message, which may be there already. */
function newTurn() {
  return log.appendChild(document.createElement('ol'))
}

/** Of the turn that is followed, and how many wait for it. */
let doing = ''
let waiting = 0

function show() {
  state.textContent = waiting === 0 ? doing : `${doing} (${waiting} more to come)`
}

function tell(words) {
  doing = words
  show()
}

let turnsBefore = Promise.resolve()

/** One turn after the other, as the thread takes them: a browser has only a few connections for streams. */
function followInTurn(runId, turn) {
  waiting += 1
  show()
  turnsBefore = turnsBefore
    .then(() => {
      waiting -= 1
      show()
      return follow(runId, turn)
    })
    .catch(fail)
}

async function follow(runId, turn) {
  let answer = null
  for await (const event of client.runs.stream(runId)) {
    const { type, data } = event
    if (type === 'model.started') {
      // Text of the attempt before is void.
      answer ??= add(turn, 'model')
      answer.textContent = ''
    } else if (type === 'model.delta') {
      answer ??= add(turn, 'model')
      answer.textContent += event.text
    } else if (type === 'model.completed') {
      const query = { after: data.message_seq - 1, limit: 1 }
      const [message] = (await client.runs.messages(runId, query)).data
      if (message?.content) (answer ?? add(turn, 'model')).textContent = message.content
      else answer?.remove()
      answer = null
    } else if (type === 'tool.started') add(turn, 'tool', `${data.tool} …`)
    else if (type === 'tool.completed' || type === 'tool.failed')
      add(turn, 'tool', `${data.tool}: ${data.preview}`)
    else if (type === 'approval.requested') tell(`Waiting for somebody to approve: ${data.tool}`)
    else if (type === 'approval.decided') tell(`Decided: ${data.status}`)
    else if (type.startsWith('run.')) tell(type.slice('run.'.length))
  }
}

const UNDER_WAY = ['queued', 'in_progress', 'requires_action']

/** What was said before this page was opened, the turn in flight, and those that wait. */
async function resume() {
  // Before the messages: a turn that ends in between is in both, and shown once.
  const { data } = await client.runs.list({ thread_id: thread, limit: 100 })
  const runs = data.filter(({ status }) => UNDER_WAY.includes(status)).reverse()
  const before = newTurn()
  const messages = client.all('GET /v1/threads/{id}/messages', { path: { id: thread } })
  for await (const { role, content, run_id } of messages) {
    if (content && !runs.some(({ id }) => id === run_id))
      add(before, role === 'assistant' ? 'model' : role, content)
  }
  for (const { id } of runs) {
    const turn = newTurn()
    const [said] = (await client.runs.messages(id, { limit: 1 })).data
    add(turn, 'user', said.content)
    followInTurn(id, turn)
  }
}

async function send(input) {
  const turn = newTurn()
  add(turn, 'user', input)
  const path = { id: thread }
  const run = await client.request('POST /v1/threads/{id}/runs', { path, body: { agent, input } })
  followInTurn(run.id, turn)
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  send(words.value).catch(fail)
  words.value = ''
})

function fail(error) {
  tell(error instanceof HoldfastError ? error.message : 'Something went wrong.')
}

await resume().catch(fail)
