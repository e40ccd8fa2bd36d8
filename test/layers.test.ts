import assert from 'node:assert/strict'
import { test } from 'node:test'
import { layerViolations, mayImport } from './support/layers.ts'
import { readSources } from './support/sources.ts'

test('imports follow the layer table', () => {
  const files = readSources('src/**/*.ts').filter((file) => !file.path.endsWith('.test.ts'))
  assert.ok(files.length > 20) // A check that looks at nothing must not pass.
  assert.deepEqual(layerViolations(files), [])
})

test('the layer table has no cycle', () => {
  const open = new Map(Object.entries(mayImport).map(([layer, below]) => [layer, new Set(below)]))
  let free: string[]
  do {
    free = [...open.keys()].filter((layer) => open.get(layer)?.size === 0)
    for (const layer of free) {
      open.delete(layer)
      for (const below of open.values()) below.delete(layer)
    }
  } while (free.length > 0)
  assert.deepEqual([...open.keys()], [])
})

const planted: ReadonlyArray<readonly [path: string, code: string, found: string]> = [
  ['src/std/clock.ts', `import { a } from '../config/a.ts'`, 'std may not import config'],
  ['src/std/clock.ts', `import type { A } from '../config/a.ts'`, 'std may not import config'],
  ['src/proxy/http/body.ts', `import {\n  a,\n} from '../http1/a.ts'`, 'proxy/http may not import proxy/http1'],
  ['src/runtime/merge.ts', `const m = await import('../proxy/worker.ts')`, 'runtime may not import proxy/worker.ts'],
  ['src/api/server.ts', `const url = new URL('../proxy/worker.ts', import.meta.url)`, 'api may not import proxy/worker.ts'],
  ['src/proxy/listen/a.ts', `export { a } from '../../runtime/state.ts'`, 'proxy/listen may not import runtime'],
  ['src/providers/file/file.ts', `import { a } from '../http/http.ts'`, 'feature file may not import feature http'],
  ['src/proxy/middlewares/http/a/a.ts', `import { b } from '../b/b.ts'`, 'feature http/a may not import feature http/b'],
  ['src/proxy/middlewares/a/a.ts', `import { b } from '../b/b.ts'`, 'feature a may not import feature b'],
  ['src/unheard-of/a.ts', ``, 'is in no layer of the table'],
]

for (const [path, text, found] of planted) {
  test(`finds a planted violation: ${found}`, () => {
    const violations = layerViolations([{ path, text }])
    assert.equal(violations.length, 1)
    assert.ok(violations[0]?.includes(found))
  })
}

const allowed: ReadonlyArray<readonly [path: string, code: string]> = [
  ['src/runtime/workers.ts', `new Worker(new URL('../proxy/worker.ts', import.meta.url))`],
  ['src/proxy/middlewares/middlewares.ts', `import { a } from './a/a.ts'`],
  ['src/providers/file/file.ts', `import { a } from '../provider.ts'`],
  ['src/std/clock.ts', `// import { a } from '../config/a.ts'`],
]

for (const [path, text] of allowed) {
  test(`lets pass in ${path}: ${text}`, () => {
    assert.deepEqual(layerViolations([{ path, text }]), [])
  })
}
