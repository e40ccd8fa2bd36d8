import assert from 'node:assert/strict'
import { existsSync, globSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { readSources, repositoryRoot } from './support/sources.ts'
import { bannedCalls, brokenLinks, leftovers, suppressions, undocumentedExports } from './support/tidiness.ts'

/** How many suppressions the product has; it may only go down. */
const suppressionsMax = 40

const product = readSources('src/**/*.ts').filter((file) => !file.path.endsWith('.test.ts'))
// The checks themselves spell out what they look for.
const allCode = readSources('{src,test,bench,scripts,fuzz}/**/*.ts').filter(
  (file) => !/^test\/(tidy\.test|support\/tidiness)\.ts$/.test(file.path),
)
const pages = readSources('*.md', 'docs/**/*.md')

test('there is something to look at', () => {
  assert.ok(product.length > 20)
  assert.ok(allCode.length > product.length)
  assert.ok(pages.length > 3)
})

describe('the code', () => {
  test('calls nothing that is banned', () => {
    assert.deepEqual(product.flatMap(bannedCalls), [])
  })

  test('suppresses a rule only with a reason, and seldom', () => {
    const found = allCode.flatMap(suppressions)
    assert.deepEqual(
      found.filter((each) => each.fault !== undefined),
      [],
    )
    assert.ok(found.filter((each) => each.place.startsWith('src/')).length <= suppressionsMax)
  })

  test('has no notes left behind', () => {
    assert.deepEqual(allCode.flatMap(leftovers), [])
  })

  test('says what each exported name is for', () => {
    assert.deepEqual(product.flatMap(undocumentedExports), [])
  })
})

describe('features', () => {
  const roots = ['src/proxy/middlewares', 'src/proxy/balancers', 'src/providers', 'src/proxy/middlewares/http', 'src/proxy/middlewares/tcp']
  const folders = roots
    .filter((root) => existsSync(join(repositoryRoot, root)))
    .flatMap((root) =>
      readdirSync(join(repositoryRoot, root), { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && !['http', 'tcp'].includes(entry.name))
        .map((entry) => `${root}/${entry.name}`),
    )

  test('are tested where they are', () => {
    assert.ok(folders.length > 0)
    const untested = folders.filter((folder) => globSync(`${folder}/**/*.test.ts`, { cwd: repositoryRoot }).length === 0)
    assert.deepEqual(untested, [])
  })
})

describe('the documents', () => {
  test('link only to what is there', () => {
    assert.deepEqual(
      pages.flatMap((page) => brokenLinks(page, (path) => existsSync(join(repositoryRoot, path)))),
      [],
    )
  })
})

describe('the checks find what is planted', () => {
  const path = 'src/proxy/http/a.ts'
  const cases: ReadonlyArray<readonly [name: string, found: readonly unknown[]]> = [
    ['a banned call', bannedCalls({ path, text: 'const a = Math.random()' })],
    ['a banned import', bannedCalls({ path, text: `import { request } from 'node:http'` })],
    ['a bare timer', bannedCalls({ path, text: 'setTimeout(f, 1)' })],
    ['a suppression without a reason', suppressions({ path, text: '// oxlint-disable-next-line no-console' }).filter((each) => each.fault)],
    ['a suppression without a rule', suppressions({ path, text: '// oxlint-disable -- because it is so' }).filter((each) => each.fault)],
    ['a blind suppression', suppressions({ path, text: '// @ts-ignore: because it is so' }).filter((each) => each.fault)],
    ['a note', leftovers({ path, text: '// TODO: later' })],
    ['an unexplained export', undocumentedExports({ path, text: 'const a = 1\nexport const b = 2\n' })],
    ['a broken link', brokenLinks({ path: 'docs/a.md', text: '[b](b.md#c)' }, (target) => target !== 'docs/b.md')],
  ]
  for (const [name, found] of cases) test(name, () => assert.equal(found.length, 1))

  const clean: ReadonlyArray<readonly [name: string, found: readonly unknown[]]> = [
    ['a banned call with its reason', bannedCalls({ path, text: '// tidy: jitter needs no seed here\nMath.random()' })],
    ['a call in a comment', bannedCalls({ path, text: '// Math.random() is not used\nconst a = "x" /* Date.now() */' })],
    ['a timer of an object', bannedCalls({ path, text: 'socket.setTimeout(1)\nclock.setTimeout(f, 1)' })],
    ['a banned call where it may stand', bannedCalls({ path: 'src/std/clock.ts', text: 'Date.now()' })],
    [
      'a suppression with its reason',
      suppressions({ path, text: '// oxlint-disable-next-line max-lines -- one table, easier whole' }).filter((each) => each.fault),
    ],
    ['a note that is kept elsewhere', leftovers({ path, text: '// TODO(#12): later' })],
    ['explained exports', undocumentedExports({ path, text: '/** A. */\nexport function a(x: 1): 1\nexport function a(x: 2): 2\n' })],
    ['links that hold', brokenLinks({ path: 'a.md', text: '[b](b.md) [c](https://c.example) [d](#d)' }, () => true)],
  ]
  for (const [name, found] of clean) test(`not ${name}`, () => assert.deepEqual(found, []))
})
