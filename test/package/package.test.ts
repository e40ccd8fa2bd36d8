/** The published forms: `npm pack` installed locally and globally, and the single executable. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { before, describe, test } from 'node:test'
import { repositoryRoot } from '../support/sources.ts'
import { emptyFolder, smokeRun } from './support.ts'

const expected = { first: 200, afterReload: 200, removed: 404, exitCode: 0 }
// No `node` of ours in PATH, so that the launcher must find the packaged one by itself.
const env = { PATH: '/usr/bin:/bin', HOME: '/nowhere' }

function npm(cwd: string, ...parameters: readonly string[]): string {
  return execFileSync('npm', [...parameters, '--no-audit', '--no-fund', '--prefer-offline'], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

describe('what is published', () => {
  let archive = ''
  let files: string[] = []

  before(() => {
    execFileSync(process.execPath, ['scripts/build.ts'], { cwd: repositoryRoot, stdio: 'pipe' })
    const [packed]: { filename: string; files: { path: string }[] }[] = JSON.parse(
      npm(repositoryRoot, 'pack', '--ignore-scripts', '--json', '--pack-destination', 'build'),
    )
    archive = join(repositoryRoot, 'build', packed?.filename ?? '')
    files = packed?.files.map((file) => file.path) ?? []
  })

  test('the package holds what runs and no sources or tests', () => {
    assert.ok(files.includes('bin/tidegate'))
    assert.ok(files.includes('dist/main.js'))
    assert.ok(files.includes('dist/proxy/worker.js'))
    assert.deepEqual(
      files.filter((file) => file.endsWith('.ts') || file.includes('.test.')),
      [],
    )
  })

  test('installed in a project it serves with its own Node', async (t) => {
    const folder = emptyFolder(t)
    npm(folder, 'install', archive)
    assert.deepEqual(await smokeRun(t, join(folder, 'node_modules/.bin/tidegate'), env), expected)
    const version = execFileSync(join(folder, 'node_modules/.bin/traefik'), ['version'], { env, encoding: 'utf8' })
    const wanted: { version: string } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8'))
    assert.ok(version.includes(wanted.version))
  })

  test('installed globally it serves with its own Node', async (t) => {
    const folder = emptyFolder(t)
    npm(folder, 'install', '--global', '--prefix', folder, archive)
    assert.ok(!existsSync(join(folder, 'bin/node')))
    assert.deepEqual(await smokeRun(t, join(folder, 'bin/tidegate'), env), expected)
  })

  test('the executable serves from a link in an empty folder, with nothing installed', async (t) => {
    const executable = join(repositoryRoot, 'build', 'tidegate')
    const link = join(emptyFolder(t), 'tidegate')
    symlinkSync(executable, link)
    assert.notEqual(dirname(link), repositoryRoot)
    assert.deepEqual(await smokeRun(t, link, { HOME: '/nowhere' }), expected)
  })
})
