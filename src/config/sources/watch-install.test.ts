import assert from 'node:assert/strict'
import { mkdtempSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { systemClock } from '../../std/clock.ts'
import type { Clock } from '../../std/clock.ts'
import { watchInstall } from './watch-install.ts'

/** Fires timers at once, after the event that set them. */
const hasty: Clock = { ...systemClock, after: (_ms, call) => systemClock.after(1, call) }

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'watch-install-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Watches a file; each call resolves with the number of changes so far, once there is a new one. */
function watchFile(t: TestContext, file: string): () => Promise<number> {
  let changes = 0
  let changed = Promise.withResolvers<void>()
  const watching = watchInstall(
    () => ({ file, install: { watchInstall: true } }),
    () => {
      changes += 1
      changed.resolve()
    },
    hasty,
  )
  // Watching does not keep the process alive; waiting for a change does.
  const alive = setInterval(() => {}, 1000)
  t.after(() => {
    clearInterval(alive)
    watching.close()
  })
  return async () => {
    await changed.promise
    changed = Promise.withResolvers<void>()
    return changes
  }
}

test('a file that is written, and one that is replaced by renaming', async (t) => {
  const folder = folderFor(t)
  const file = join(folder, 'tidegate.yml')
  writeFileSync(file, 'a')
  const changed = watchFile(t, file)
  writeFileSync(file, 'b')
  assert.equal(await changed(), 1)
  writeFileSync(join(folder, 'new'), 'c')
  renameSync(join(folder, 'new'), file)
  assert.equal(await changed(), 2)
  writeFileSync(join(folder, 'new'), 'd')
  renameSync(join(folder, 'new'), file)
  assert.equal(await changed(), 3)
})

test('a link to a folder that is swapped, as Kubernetes does', async (t) => {
  const folder = folderFor(t)
  for (const version of ['v1', 'v2']) {
    mkdirSync(join(folder, version))
    writeFileSync(join(folder, version, 'tidegate.yml'), version)
  }
  symlinkSync('v1', join(folder, '..data'))
  symlinkSync('..data/tidegate.yml', join(folder, 'tidegate.yml'))
  const changed = watchFile(t, join(folder, 'tidegate.yml'))
  symlinkSync('v2', join(folder, '..data_tmp'))
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
  assert.equal(await changed(), 1)
  writeFileSync(join(folder, 'v2', 'tidegate.yml'), 'v3')
  assert.equal(await changed(), 2)
})

test('without a file there is nothing to watch', () => {
  let calls = 0
  watchInstall(
    () => null,
    () => (calls += 1),
  ).close()
  assert.equal(calls, 0)
})
