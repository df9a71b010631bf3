import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readArticles } from '../data/read-articles.ts'
import { SHOP_POLICY } from '../rules.ts'
import { TOOLS_OF_THE_TEAM } from './team.ts'

const articles = readArticles()
const bodyOf = (slug: string) => {
  const article = articles.find((candidate) => candidate.slug === slug)
  assert.ok(article, `${slug} is missing`)
  return article.body.replace(/\s+/g, ' ')
}

test('there are at least forty articles, each with something to say and a title of its own', () => {
  assert.ok(articles.length >= 40)
  assert.equal(new Set(articles.map((article) => article.title)).size, articles.length)
  for (const { slug, body, keywords, updated } of articles) {
    assert.ok(body.length > 150 && body.length < 2_000, `${slug} has ${body.length} characters`)
    assert.ok(keywords.split(' ').length >= 4, slug)
    assert.match(updated, /^\d{4}-\d\d-\d\d$/)
  }
})

test('the articles promise what the shop’s policy says', () => {
  const { standardDelivery } = SHOP_POLICY
  assert.ok(bodyOf('return-policy').includes(`within ${SHOP_POLICY.returnWindowDays} days of delivery`))
  assert.ok(bodyOf('how-to-return').includes(`within ${SHOP_POLICY.sendBackDays} days`))
  assert.equal(SHOP_POLICY.guaranteeDays, 2 * 365)
  assert.ok(bodyOf('two-year-guarantee').includes('two years from delivery'))
  assert.ok(
    bodyOf('when-the-money-arrives').includes(`up to ${SHOP_POLICY.refundArrivesWorkingDays} working days`),
  )
  assert.ok(bodyOf('delivery-costs').includes(`€${standardDelivery.freeFromCents / 100} (£50)`))
  assert.ok(bodyOf('delivery-costs').includes(`€${(standardDelivery.costCents.EUR / 100).toFixed(2)}`))
  assert.ok(bodyOf('delivery-costs').includes(`£${(standardDelivery.costCents.GBP / 100).toFixed(2)}`))
  assert.ok(bodyOf('contact').includes(`within ${SHOP_POLICY.answerHours.normal} hours`))
  assert.ok(bodyOf('contact').includes(`within ${SHOP_POLICY.answerHours.urgent} hours`))
  const [rule] = TOOLS_OF_THE_TEAM.get('issue_refund')?.approval.rules ?? []
  assert.ok(rule && typeof rule.when === 'object' && 'above' in rule.when)
  assert.ok(bodyOf('refunds-checked-by-a-person').includes(`more than €${rule.when.above / 100}`))
})
