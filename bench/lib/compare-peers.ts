/** The usual case: peers under the same load, and bars on Tidegate's cost as a part of theirs. */
import type { Context } from './context.ts'
import { compare, type Subject } from './interleaved.ts'
import type { Load } from './load.ts'
import type { Peer, Scenario } from './peers.ts'
import { atMost, type Bar, type CaseReport, type Row } from './report.ts'

/** A comparison. */
export interface PeerComparison {
  readonly name: string
  readonly scenario: Partial<Scenario>
  /** The load of a peer that listens on a port. */
  readonly load: (port: number) => Load
  /** Who can do it. */
  readonly takes?: (peer: Peer) => boolean
  /** Most of Tidegate's processor time as parts of others'. */
  readonly limits: Readonly<Record<string, number>>
  /** What the load counts, in the singular. */
  readonly what?: string
}

/** Runs peers side by side and ends them. */
export async function comparePeers(context: Context, comparison: PeerComparison): Promise<CaseReport> {
  const { name, scenario, load, takes = () => true, limits, what } = comparison
  const subjects: Subject[] = []
  for (const peer of context.peers.filter(takes)) {
    const own = context.scenario(scenario)
    const process = await context.start(peer, own)
    subjects.push({ name: peer.name, process, load: load(own.port) })
  }
  const rows = await compare(name, subjects, context.rounds, what)
  await context.endCase()
  const bars = Object.entries(limits).flatMap(([peer, limit]): Bar[] => {
    const value = ratioOf(rows, 'tidegate', peer)
    return value === undefined ? [] : [atMost(name, `CPU against ${peer}`, value, limit)]
  })
  return { rows, bars }
}

/** A figure of one subject as a part of another's; undefined when one of them took no part. */
export function ratioOf(rows: readonly Row[], of: string, to: string, figure: (row: Row) => number = valueOf): number | undefined {
  const [one, other] = [of, to].map((name) => rows.find((row) => row.subject === name))
  return one === undefined || other === undefined ? undefined : figure(one) / figure(other)
}

function valueOf(row: Row): number {
  return row.value
}

/** Several reports as one. */
export function joinReports(reports: readonly CaseReport[]): CaseReport {
  return { rows: reports.flatMap((report) => report.rows), bars: reports.flatMap((report) => report.bars) }
}
