import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { systemClock } from './clock.ts'
import { FileWatch } from './file-watch.ts'

/** Runs a change and resolves when the watch has told of it. */
async function toldOf(
  t: TestContext,
  paths: (folder: string) => string[],
  prepare: (folder: string) => void,
  change: (folder: string) => void,
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'watch-'))
  t.after(() => rmSync(folder, { recursive: true }))
  prepare(folder)
  const { promise, resolve } = Promise.withResolvers<void>()
  let told = 0
  const watching = new FileWatch({
    paths: paths(folder),
    clock: systemClock,
    onChange: () => {
      told += 1
      resolve()
    },
  })
  t.after(() => watching.close())
  // The clock's timers do not keep the process alive; waiting for the call must.
  const alive = setInterval(() => {}, 1000)
  change(folder)
  await promise
  clearInterval(alive)
  return told
}

const file = (folder: string): string[] => [join(folder, 'a.yml')]
const write = (text: string) => (folder: string) => writeFileSync(join(folder, 'a.yml'), text)

test('a file written in place', async (t) => {
  assert.equal(await toldOf(t, file, write('one'), write('three')), 1)
})

test('a file replaced by rename', async (t) => {
  const told = await toldOf(t, file, write('one'), (folder) => {
    writeFileSync(join(folder, 'a.yml~'), 'two')
    renameSync(join(folder, 'a.yml~'), join(folder, 'a.yml'))
  })
  assert.equal(told, 1)
})

test('a file that appears later', async (t) => {
  assert.equal(await toldOf(t, file, () => {}, write('one')), 1)
})

test('a ConfigMap folder whose ..data link is swapped', async (t) => {
  const told = await toldOf(
    t,
    file,
    (folder) => {
      for (const version of ['..v1', '..v2']) {
        mkdirSync(join(folder, version))
        writeFileSync(join(folder, version, 'a.yml'), version)
      }
      symlinkSync('..v1', join(folder, '..data'))
      symlinkSync('..data/a.yml', join(folder, 'a.yml'))
    },
    (folder) => {
      symlinkSync('..v2', join(folder, '..new'))
      renameSync(join(folder, '..new'), join(folder, '..data'))
    },
  )
  assert.equal(told, 1)
})

test('a file deep below a watched folder', async (t) => {
  const told = await toldOf(
    t,
    (folder) => [folder],
    (folder) => mkdirSync(join(folder, 'sub')),
    (folder) => writeFileSync(join(folder, 'sub', 'b.yml'), 'b'),
  )
  assert.equal(told, 1)
})
