import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildIdOf } from '../../src/worker/build-id.ts'
import * as workflows from '../../src/workflows/index.ts'
import { WORKFLOW_TYPES } from '../../src/workflows/workflow-types.messages.ts'

const CODE = `
/***/ "./src/workflows/agent-run.ts"
  __webpack_require__("WAY@temporalio/workflow/lib/index.js");
  __webpack_require__("?HASH");
//# sourceMappingURL=data:application/json;charset=utf-8;base64,MAP
`
const built = (way: string, hash: string, map: string) =>
  buildIdOf({ code: CODE.replace('WAY', way).replace('HASH', hash).replace('MAP', map) })

test('the same code has the same id wherever it is built', () => {
  const id = built('./node_modules/', '86ab', 'L3NyYw==')
  assert.match(id, /^[0-9a-f]{12}$/)
  assert.equal(built('../../../srv/build-7/node_modules/', '970dff', 'L3RtcA=='), id)
})

test('other code has another id', () => {
  const id = built('./node_modules/', '86ab', '')
  assert.notEqual(buildIdOf({ code: CODE.replace('agent-run', 'agent-walk') }), id)
  assert.notEqual(built('./node_modules/@other/', '86ab', ''), id)
})

test('a promotion replays every type of workflow that there is', () => {
  assert.deepEqual([...WORKFLOW_TYPES].sort(), Object.keys(workflows).sort())
})
