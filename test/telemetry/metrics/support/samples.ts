/** The samples of a page: its lines without help, types and the buckets of histograms. */
export function samplesOf(page: string): string[] {
  return page.split('\n').filter((line) => line !== '' && !line.startsWith('#') && !/_bucket\{/.test(line))
}

/** The value of a series, as it is written on the page; undefined where it is not there. */
export function seriesValue(page: string, series: string): number | undefined {
  const line = samplesOf(page).find((one) => one.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}
