/** What a benchmark reports: rows for the table and the JSON file, and the bars they are held against. */

/** One measured thing. */
export interface Row {
  readonly case: string
  readonly subject: string
  /** The figure to trust, with its unit. */
  readonly value: number
  readonly unit: string
  /** Against the row that the case takes as its base. */
  readonly ratio?: number
  /** Further figures, by name. */
  readonly details?: Readonly<Record<string, number | string>>
}

/** A bar to reach: a figure and its limit. */
export interface Bar {
  readonly case: string
  readonly what: string
  readonly value: number
  readonly limit: number
  /** The value is to be no less than the limit, not no more. */
  readonly isLeast?: boolean
  readonly met: boolean
}

/** What one case gives. */
export interface CaseReport {
  readonly rows: readonly Row[]
  readonly bars: readonly Bar[]
}

/** A bar that is met when the value is not above its limit. */
export function atMost(name: string, what: string, value: number, limit: number): Bar {
  return { case: name, what, value, limit, met: value <= limit }
}

/** A bar that is met when the value is not below its limit. */
export function atLeast(name: string, what: string, value: number, limit: number): Bar {
  return { case: name, what, value, limit, isLeast: true, met: value >= limit }
}

function figure(value: number): string {
  if (Number.isNaN(value)) return '–'
  return value >= 1000 ? String(Math.round(value)) : value >= 100 ? value.toFixed(1) : value.toFixed(2)
}

/** The rows as a Markdown table. */
export function table(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.case,
    row.subject,
    `${figure(row.value)} ${row.unit}`,
    row.ratio === undefined ? '' : `${row.ratio.toFixed(2)} ×`,
    Object.entries(row.details ?? {})
      .map(([name, value]) => `${name} ${typeof value === 'number' ? figure(value) : value}`)
      .join(', '),
  ])
  const all = [['case', 'what', 'figure', 'ratio', 'more'], ...cells]
  const widths = all[0]?.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0))) ?? []
  const lines = all.map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`)
  lines.splice(1, 0, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`)
  return lines.join('\n')
}

/** The bars as lines. */
export function barLines(bars: readonly Bar[]): string {
  return bars
    .map((bar) => {
      const limit = `at ${bar.isLeast === true ? 'least' : 'most'} ${figure(bar.limit)}`
      return `${bar.met ? '✔' : '✖'} ${bar.case}: ${bar.what}: ${figure(bar.value)} (${limit})`
    })
    .join('\n')
}
