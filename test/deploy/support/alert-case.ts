import type { Labels, Series } from './series.ts'

/** Series that fire an alert, and series that are close to it and must leave it quiet. */
export interface AlertCase {
  readonly alert: string
  /** How long it has to be so before the alert fires; at once where nothing is said. */
  readonly afterMinutes?: number
  readonly fires: readonly Series[]
  /** Other series that fire it and make it say the same, by what they are. */
  readonly firesToo?: Readonly<Record<string, readonly Series[]>>
  /** What the alert then says: its labels without the severity, and its words. */
  readonly says: { readonly labels: Labels; readonly summary: string; readonly description: string }
  /** By why they are quiet. */
  readonly quiet: Readonly<Record<string, readonly Series[]>>
  /** When it is looked at; 40 where nothing is said. */
  readonly minutes?: number
}
