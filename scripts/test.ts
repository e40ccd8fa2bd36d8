/**
 * Runs suites with node:test, one after another, and sums them up:
 *
 *     node scripts/test.ts unit            everything beside the code, and the checks of the repository
 *     node scripts/test.ts unit golden     that, then the replays of recorded answers (and `system`: the router as a process, `package`: what is published)
 *     node scripts/test.ts unit --only=src/rules   only files whose path contains the text
 *
 * With CI=true or TIDEGATE_FORBID_SKIPS=1 a skipped test fails the run. The reasons of skips are printed in any case.
 */
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

interface Suite {
  readonly globs: readonly string[]
  /** How many files run side by side. */
  readonly parallel: number
  /** Longest time for one file, so that one that hangs is found. */
  readonly fileSeconds: number
}

/** What each name on the command line runs. */
const suites: Readonly<Record<string, Suite>> = {
  unit: {
    globs: [
      'src/**/*.test.ts',
      'test/*.test.ts',
      'test/support/**/*.test.ts',
      'bench/**/*.test.ts',
      'scripts/**/*.test.ts',
      'fuzz/**/*.test.ts',
    ],
    parallel: availableParallelism(),
    fileSeconds: 120,
  },
  system: { globs: ['test/system/*.test.ts'], parallel: 1, fileSeconds: 120 },
  golden: { globs: ['test/golden/*.test.ts'], parallel: 1, fileSeconds: 900 },
  package: { globs: ['test/package/*.test.ts'], parallel: 1, fileSeconds: 300 },
}

const root = resolve(import.meta.dirname, '..')

interface Totals {
  readonly counts: Map<string, number>
  readonly skips: string[]
  failed: boolean
}

/** Files of a suite. An unknown suite and one without files are errors: a check that looks at nothing must not pass. */
function suiteFiles(name: string, only: string | undefined): string[] {
  const suite = suites[name]
  if (!suite) throw new Error(`suite ${name}: not known, there are ${Object.keys(suites).join(', ')}`)
  const files = globSync([...suite.globs], { cwd: root }).filter((file) => only === undefined || file.includes(only))
  if (files.length === 0) throw new Error(`suite ${name}: no test files`)
  return files.toSorted().map((file) => join(root, file))
}

async function runSuite(name: string, only: string | undefined, totals: Totals): Promise<void> {
  const files = suiteFiles(name, only)
  const { parallel = 1, fileSeconds = 120 } = suites[name] ?? {}
  const stream = run({ files, cwd: root, concurrency: parallel, timeout: fileSeconds * 1000 })
  stream.on('test:pass', (event) => {
    if (event.skip === undefined || event.skip === false) return
    totals.skips.push(
      `${event.file?.slice(root.length + 1) ?? name}: ${event.name}: ${event.skip === true ? 'no reason given' : event.skip}`,
    )
  })
  stream.on('test:fail', () => {
    totals.failed = true
  })
  const reporter = new spec()
  reporter.pipe(process.stdout)
  for await (const event of stream) {
    const isSummary = event.type === 'test:diagnostic' && event.data.nesting === 0 && count(event.data.message, totals)
    if (!isSummary) reporter.write(event)
  }
  reporter.end()
  await new Promise((done) => reporter.once('end', done))
}

/** Adds a line such as `pass 12` of a suite's summary to the totals; false when the message is something else. */
function count(message: string, totals: Totals): boolean {
  const match = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) (\d+(?:\.\d+)?)$/.exec(message)
  if (!match?.[1] || !match[2]) return false
  totals.counts.set(match[1], (totals.counts.get(match[1]) ?? 0) + Number(match[2]))
  return true
}

async function main(): Promise<number> {
  process.env['NODE_COMPILE_CACHE'] ??= join(root, 'node_modules', '.cache', 'tidegate')
  const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
  const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length)
  const totals: Totals = { counts: new Map(), skips: [], failed: false }
  for (const name of names.length > 0 ? names : ['unit']) await runSuite(name, only, totals)

  const skipsForbidden = process.env['CI'] === 'true' || process.env['TIDEGATE_FORBID_SKIPS'] === '1'
  for (const skip of totals.skips) console.log(`${skipsForbidden ? 'forbidden skip' : 'skipped'}: ${skip}`)
  for (const [name, value] of totals.counts) console.log(`ℹ ${name} ${name === 'duration_ms' ? Math.round(value) : value}`)
  return totals.failed || (skipsForbidden && totals.skips.length > 0) ? 1 : 0
}

process.exitCode = await main()
