/**
 * Compares subjects under the same load: all run at once on one core, and take turns, so that the machine's moods fall on all alike. The
 * figure is processor time a request; requests a second depend on the neighbours. Any error voids the run.
 */
import { type Load, measureLoad, median, type Sample } from './load.ts'
import type { Measured } from './processes.ts'
import type { Row } from './report.ts'

/** A running proxy and the load it is given. */
export interface Subject {
  readonly name: string
  readonly process: Measured
  readonly load: Load
}

/** Settings of a run. */
export interface Rounds {
  readonly rounds: number
  readonly seconds: number
}

/** Measures subjects in turns; the first one is the base of the ratios. What the load counts is `what`. */
export async function compare(
  name: string,
  subjects: readonly Subject[],
  { rounds, seconds }: Rounds,
  what: string = 'request',
): Promise<Row[]> {
  const samples = new Map<Subject, Sample[]>(subjects.map((subject) => [subject, []]))
  for (const subject of subjects) await take(subject, 1) // Warm: code compiled, connections open.
  for (let round = 0; round < rounds; round++) {
    const turn = [...subjects.slice(round % subjects.length), ...subjects.slice(0, round % subjects.length)]
    for (const subject of turn) samples.get(subject)?.push(await take(subject, seconds))
  }
  const perRequest = (subject: Subject, part: (sample: Sample) => number): number =>
    median((samples.get(subject) ?? []).map((sample) => part(sample) / sample.requests))
  const total = (sample: Sample): number => sample.userMicros + sample.systemMicros
  const [base] = subjects
  const baseMicros = base ? perRequest(base, total) : Number.NaN
  return subjects.map((subject) => {
    const micros = perRequest(subject, total)
    return {
      case: name,
      subject: subject.name,
      value: micros,
      unit: `µs CPU/${what}`,
      ratio: micros / baseMicros,
      details: {
        user: perRequest(subject, (sample) => sample.userMicros),
        system: perRequest(subject, (sample) => sample.systemMicros),
        [`${what}s/s`]: median((samples.get(subject) ?? []).map((sample) => sample.requests / sample.seconds)),
        MiB: subject.process.residentBytes() / 1024 / 1024,
      },
    }
  })
}

async function take(subject: Subject, seconds: number): Promise<Sample> {
  const sample = await measureLoad(subject.process, subject.load, seconds)
  if (sample.errors > 0) throw new Error(`${subject.name}: ${sample.errors} failed requests void the run`)
  if (sample.requests === 0) throw new Error(`${subject.name}: no request was answered`)
  return sample
}
