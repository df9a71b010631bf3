import { parse, stringify } from 'yaml'

interface Rule {
  readonly expr: string
  readonly for?: string
}

interface RuleFile {
  readonly groups: readonly { readonly rules: readonly Rule[] }[]
}

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** A window of a range or an offset: `[15m]`, `[7d] offset 1d`. */
const WINDOW = /(?<=\[|\boffset )\d+[smhd]\b/g

/** A rule file of Prometheus whose clock runs faster: windows, offsets and `for` are `factor` times as long. Thresholds stay as they are. */
export function scaleRules(file: string, factor: number): string {
  const { groups } = parse(file) as RuleFile
  const scaled = (rule: Rule): Rule => ({
    ...rule,
    expr: scaleExpression(rule.expr, factor),
    ...(rule.for !== undefined && { for: scaleDuration(rule.for, factor) }),
  })
  return stringify({ groups: groups.map((group) => ({ ...group, rules: group.rules.map(scaled) })) })
}

/** The same of one expression. */
export function scaleExpression(expr: string, factor: number): string {
  return expr.replaceAll(WINDOW, (duration) => scaleDuration(duration, factor))
}

function scaleDuration(duration: string, factor: number): string {
  const unit = duration.slice(-1) as keyof typeof UNIT_MS
  return `${Math.round(Number(duration.slice(0, -1)) * UNIT_MS[unit] * factor)}ms`
}
