/**
 * `tidegate check`: validates install and routing configuration without starting anything. Reads what the router would read (the file provider's
 * files, or the routing files that are named), resolves every reference, and prints each finding with its place. With `--tests=FILE` it also asks what would
 * become of the requests in that file, and compares.
 */
import { formatProblem } from '../config/schema/problem.ts'
import { explainOffline, readOffline } from './offline.ts'
import { failuresOf, readRouteTests } from './route-tests.ts'

const testsFlag = '--tests='

/** Runs the check; exit code 1 when there is an error or a test that fails. */
export async function check(args: readonly string[]): Promise<number> {
  const json = args.includes('--json')
  const own = (arg: string): boolean => arg === '--json' || arg.startsWith(testsFlag)
  const flags = args.filter((arg) => arg.startsWith('-') && !own(arg))
  const files = args.filter((arg) => !arg.startsWith('-'))
  const offline = readOffline(flags, files)
  const errors = offline.findings.filter((finding) => finding.severity === 'error').length
  const tests = await runTests(
    args.filter((arg) => arg.startsWith(testsFlag)).map((arg) => arg.slice(testsFlag.length)),
    offline,
  )
  const ok = errors === 0 && tests.failures.length === 0
  if (json)
    process.stdout.write(
      `${JSON.stringify({ ok, problems: offline.findings, ...(tests.count + tests.failures.length === 0 ? {} : { tests }) }, null, 2)}\n`,
    )
  else {
    for (const finding of offline.findings) process.stdout.write(`${finding.severity}: ${formatProblem(finding)}\n`)
    for (const failure of tests.failures) process.stdout.write(`test failed: ${failure}\n`)
    const told = tests.count === 0 ? '' : `, ${tests.count} tests, ${tests.failures.length} of them failed`
    process.stdout.write(`${ok ? 'ok' : 'failed'}: ${errors} errors, ${offline.findings.length - errors} warnings${told}\n`)
  }
  return ok ? 0 : 1
}

interface TestResult {
  readonly count: number
  readonly failures: readonly string[]
}

async function runTests(paths: readonly string[], offline: ReturnType<typeof readOffline>): Promise<TestResult> {
  const failures: string[] = []
  const tests = paths.flatMap((path) => {
    const read = readRouteTests(path)
    failures.push(...read.problems)
    return read.tests
  })
  const explanations =
    tests.length === 0
      ? []
      : await explainOffline(
          offline,
          tests.map(({ request }) => request),
        )
  for (const [index, test] of tests.entries()) {
    const explanation = explanations[index]
    if (explanation !== undefined) failures.push(...failuresOf(test, explanation))
  }
  return { count: tests.length, failures }
}
