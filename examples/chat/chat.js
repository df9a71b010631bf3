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
function add(who, text = '') {
  const line = document.createElement('li')
  line.className = who
  line.textContent = text
  log.append(line)
  return line
}

async function follow(runId) {
  let answer = null
  for await (const event of client.runs.stream(runId)) {
    const { type, data } = event
    if (type === 'model.started') {
      // Text of the attempt before is void.
      answer ??= add('model')
      answer.textContent = ''
    } else if (type === 'model.delta') {
      answer ??= add('model')
      answer.textContent += event.text
    } else if (type === 'model.completed') {
      const query = { after: data.message_seq - 1, limit: 1 }
      const [message] = (await client.runs.messages(runId, query)).data
      if (message?.content) (answer ?? add('model')).textContent = message.content
      else answer?.remove()
      answer = null
    } else if (type === 'tool.started') add('tool', `${data.tool} …`)
    else if (type === 'tool.completed' || type === 'tool.failed') add('tool', `${data.tool}: ${data.preview}`)
    else if (type === 'approval.requested')
      state.textContent = `Waiting for somebody to approve: ${data.tool}`
    else if (type === 'approval.decided') state.textContent = `Decided: ${data.status}`
    else if (type.startsWith('run.')) state.textContent = type.slice('run.'.length)
  }
}

/** What was said before this page was opened, and the turn in flight. */
async function resume() {
  const path = { id: thread }
  for await (const { role, content } of client.all('GET /v1/threads/{id}/messages', { path })) {
    if (content) add(role === 'assistant' ? 'model' : role, content)
  }
  const { active_run_id } = await client.request('GET /v1/threads/{id}', { path })
  if (active_run_id === undefined) return
  const { data } = await client.runs.messages(active_run_id, { limit: 1 })
  for (const { content } of data) add('user', content)
  await follow(active_run_id)
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  const input = words.value
  words.value = ''
  add('user', input)
  client
    .request('POST /v1/threads/{id}/runs', { path: { id: thread }, body: { agent, input } })
    .then((run) => follow(run.id))
    .catch(fail)
})

function fail(error) {
  state.textContent = error instanceof HoldfastError ? error.message : 'Something went wrong.'
}

await resume().catch(fail)
