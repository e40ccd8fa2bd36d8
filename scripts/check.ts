/**
 * Everything that must hold before a commit, one step after another, each with its time. All steps run, so that one run shows all
 * there is to mend.
 *
 *     node scripts/check.ts              format, lint, types, documents, dead code, tests (layers, tidiness, units, the router as a whole)
 *     node scripts/check.ts --replays    the same, then the recorded answers of Traefik and the package itself
 */
import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import process from 'node:process'

const root = resolve(import.meta.dirname, '..')
const replays = process.argv.includes('--replays')

/** The command of a development dependency, by its script, since `.bin` holds shims on Windows. */
const steps: ReadonlyArray<readonly [name: string, command: string, ...parameters: string[]]> = [
  ['format', 'oxfmt', '--check'],
  ['lint', 'oxlint', '--type-aware', '--deny-warnings'],
  ['types', 'tsc', '-p', '.'],
  ['documents', 'node', 'scripts/generate.ts', '--check'],
  ['dead code', 'knip', '--no-progress'],
  ['tests', 'node', 'scripts/test.ts', 'unit', 'system', ...(replays ? ['golden', 'package'] : [])],
]

/** Runs a step; its output is shown only when it fails, except for the tests. */
function runStep(name: string, command: string, parameters: readonly string[]): boolean {
  const started = performance.now()
  const isTests = name === 'tests'
  const path = [join(root, 'node_modules', '.bin'), process.env['PATH']].join(process.platform === 'win32' ? ';' : ':')
  const result = spawnSync(command, parameters, {
    cwd: root,
    env: { ...process.env, PATH: path },
    encoding: 'utf8',
    stdio: isTests ? 'inherit' : 'pipe',
    shell: process.platform === 'win32',
    maxBuffer: 64 * 1024 * 1024,
  })
  const ok = result.status === 0
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  if (!ok && !isTests) console.log(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`)
  if (!isTests || !ok) console.log(`${ok ? '✔' : '✖'} ${name} (${seconds} s)`)
  return ok
}

const failed = steps.filter(([name, command, ...parameters]) => !runStep(name, command, parameters)).map(([name]) => name)
if (failed.length > 0) {
  console.log(`\nfailed: ${failed.join(', ')}`)
  process.exitCode = 1
}
