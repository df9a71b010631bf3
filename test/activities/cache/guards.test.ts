import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lexicalVector } from '../../../src/activities/cache/lexical-vector.ts'
import { allowsOneAnswer } from '../../../src/activities/cache/same-wording.ts'
import { specificsHash, specificsOf } from '../../../src/activities/cache/specifics.ts'

test('numbers, units, negations, names and quoted words are read out of a question', () => {
  assert.deepEqual(
    specificsOf('Why can\'t I convert 1,000 dollars into € with Ann\'s card "Gold", in two steps?'),
    {
      numbers: ['1000', 'usd', '2', 'eur'],
      negations: 1,
      names: ['ann', 'gold'],
      quoted: ['Gold'],
    },
  )
  assert.deepEqual(specificsOf('Where is order INV-2024-07 of a.b@example.com, gate B12, iPhone 15?'), {
    numbers: ['15'],
    negations: 0,
    names: ['a.b@example.com', 'b12', 'inv-2024-07', 'iphone'],
    quoted: [],
  })
  assert.deepEqual(specificsOf(''), { numbers: [], negations: 0, names: [], quoted: [] })
})

const SAME_SPECIFICS: readonly [string, string][] = [
  ['I have three questions.', 'I have 3 questions.'],
  ['Send $5.00', 'Send 5 dollars'],
  ['What is the capital of France?', 'The capital of France, please?'],
  ['Is it “Gold”?', 'Is it "Gold"?'],
  ["I don't know.", 'I do not know.'],
  ['What happened? It broke.', 'It broke. What happened?'],
]
for (const [one, other] of SAME_SPECIFICS) {
  test(`the specifics of "${one}" and "${other}" are the same`, () => {
    assert.equal(specificsHash(one), specificsHash(other))
  })
}

const OTHER_SPECIFICS: readonly [string, string][] = [
  ['Pay 5 then 7', 'Pay 7 then 5'],
  ['Pay 1,5', 'Pay 15'],
  ['Ask Ann', 'Ask Bob'],
  ['Ask for a form', 'Ask for no form'],
  ['Berlin weather', 'Paris weather'],
  ['Is it `a`?', 'Is it `b`?'],
  ['Pay 5 $', 'Pay 5 €'],
  ['Room ٣', 'Room ٤'],
  ['Open file a_b', 'Open file a_c'],
]
for (const [one, other] of OTHER_SPECIFICS) {
  test(`the specifics of "${one}" and "${other}" differ`, () => {
    assert.notEqual(specificsHash(one), specificsHash(other))
  })
}

const ONE_ANSWER: readonly [string, string][] = [
  ['How do I sort a list?', 'Please, how can I sort a list?'],
  ['Is the museum open on Monday?', 'On Monday, is the museum open?'],
  ['How do I connect to the VPN from home?', 'From home, how do I connect to the VPN?'],
  ['What does express delivery cost?', 'What is the price of express delivery?'],
  ['I forgot it all and need help.', 'Which button resets a password?'],
]
for (const [one, other] of ONE_ANSWER) {
  test(`"${one}" and "${other}" may have one answer`, () => {
    assert.equal(allowsOneAnswer(one, other), true)
    assert.equal(allowsOneAnswer(other, one), true)
  })
}

const TWO_ANSWERS: readonly [string, string][] = [
  ['convert usd to eur', 'convert eur to usd'],
  ['from rome to london by train', 'from london to rome by train'],
  ['does the dog bite the man?', 'does the man bite the dog?'],
  ['tickets assigned to me', 'tickets assigned by me'],
  ['How do I import contacts?', 'How do I export contacts?'],
  ['How do I cancel my order?', 'How do I track my order?'],
  ['How do I cancel my order?', 'How do I cancel my gift order?'],
  ['when do you open?', 'when do you close?'],
]
for (const [one, other] of TWO_ANSWERS) {
  test(`"${one}" and "${other}" may not have one answer`, () => {
    assert.equal(allowsOneAnswer(one, other), false)
    assert.equal(allowsOneAnswer(other, one), false)
  })
}

test('vectors of words have the length 1, and say how much spelling two texts share', () => {
  const cosine = (one: string, other: string) => {
    const [left, right] = [lexicalVector(one) ?? [], lexicalVector(other) ?? []]
    return left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0)
  }
  const question = 'How do I reset my password?'
  assert.ok(Math.abs(cosine(question, 'how do i reset MY password') - 1) < 1e-9)
  assert.ok(cosine(question, 'How can I reset my password?') > 0.7)
  assert.ok(cosine(question, 'Where is the printer?') < 0.3)
  assert.equal(lexicalVector(' ?! '), null)
})
