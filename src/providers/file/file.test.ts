import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ProviderRig, rulesOf } from '../../../test/support/provider-rig.ts'
import type { FileProviderOptions } from '../../config/install/providers/file.ts'
import { systemClock } from '../../std/clock.ts'
import type { Provider } from '../provider.ts'
import { file } from './file.ts'

const defaults: FileProviderOptions = { debugLogGeneratedTemplate: false, directory: '', filename: '', watch: true }

const router = (name: string, host: string): string => `http:\n  routers:\n    ${name}:\n      rule: Host(\`${host}\`)\n      service: s\n`

interface Running {
  readonly rig: ProviderRig
  readonly provider: Provider
  readonly path: (name: string) => string
  readonly write: (name: string, text: string) => void
}

/** Starts the provider on a folder with these files. */
function run(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  options: Partial<FileProviderOptions>,
  env: Record<string, string> = {},
): Running {
  const folder = mkdtempSync(join(tmpdir(), 'file-provider-'))
  const path = (name: string): string => join(folder, name)
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(path(name)), { recursive: true })
    writeFileSync(path(name), text)
  }
  for (const [name, text] of Object.entries(files)) write(name, text)
  const rig = new ProviderRig(systemClock, env)
  const absolute = Object.fromEntries(Object.entries(options).map(([key, value]) => [key, typeof value === 'string' ? path(value) : value]))
  const provider = rig.start(file, { ...defaults, ...absolute })
  t.after(async () => {
    await rig.close()
    rmSync(folder, { recursive: true })
  })
  return { rig, provider, path, write }
}

const rules = async (rig: ProviderRig): Promise<Record<string, string>> => rulesOf((await rig.published()).routing)

const formats: readonly { name: string; text: string; found: Record<string, string> }[] = [
  { name: 'a.yml', text: router('a', 'a.test'), found: { a: 'Host(`a.test`)' } },
  { name: 'a.yaml', text: router('a', 'a.test'), found: { a: 'Host(`a.test`)' } },
  { name: 'a.YML', text: router('a', 'a.test'), found: { a: 'Host(`a.test`)' } },
  { name: 'a.toml', text: '[http.routers.a]\nrule = "Host(`a.test`)"\nservice = "s"\n', found: { a: 'Host(`a.test`)' } },
  { name: 'a.json', text: '{"http": {"routers": {"a": {"rule": "Host(`a.test`)", "service": "s"}}}}', found: { a: 'Host(`a.test`)' } },
  { name: 'empty.yml', text: '', found: {} },
  { name: 'comment.yml', text: '# nothing\n', found: {} },
  { name: 'empty.toml', text: '', found: {} },
]

for (const each of formats) {
  test(`reads ${each.name}`, async (t) => {
    const { rig } = run(t, { [each.name]: each.text }, { filename: each.name })
    assert.deepEqual(await rules(rig), each.found)
  })
}

test('reads a folder in the order of names, sub-folders at their place, dot files too, other files not', async (t) => {
  const { rig, path } = run(
    t,
    {
      'conf/10.yml': router('dup', 'first.test'),
      'conf/20-sub/deep/x.toml': '[http.routers.deep]\nrule = "Host(`deep.test`)"\nservice = "s"\n',
      'conf/20-sub/y.yml': router('dup2', 'sub.test'),
      'conf/30.yaml': `${router('dup', 'second.test')}    dup2:\n      rule: Host(\`later.test\`)\n      service: s\n`,
      'conf/.hidden.yml': router('hidden', 'hidden.test'),
      'conf/40.json': '{"http": {"routers": {"j": {"rule": "Path(`/`)", "service": "s"}}}}',
      'conf/50.yml.bak': router('bak', 'bak.test'),
      'conf/..2024/z.yml': router('version', 'version.test'),
    },
    { directory: 'conf' },
  )
  assert.deepEqual(await rig.complained(), [
    `${path('conf/30.yaml')}:3:5: http.routers.dup: is given already in ${path('conf/10.yml')}:3:5, which is used`,
    `${path('conf/30.yaml')}:6:5: http.routers.dup2: is given already in ${path('conf/20-sub/y.yml')}:3:5, which is used`,
  ])
  const { routing, locate } = await rig.published()
  assert.deepEqual(rulesOf(routing), {
    hidden: 'Host(`hidden.test`)',
    dup: 'Host(`first.test`)',
    deep: 'Host(`deep.test`)',
    dup2: 'Host(`sub.test`)',
  })
  assert.deepEqual(locate(['http', 'routers', 'dup']), { file: path('conf/10.yml'), line: 3, column: 5 })
  assert.deepEqual(locate(['http', 'routers', 'deep']).file, path('conf/20-sub/deep/x.toml'))
})

test('a folder wins over a file name', async (t) => {
  const { rig } = run(
    t,
    { 'conf/a.yml': router('a', 'a.test'), 'single.yml': router('b', 'b.test') },
    { directory: 'conf', filename: 'single.yml' },
  )
  assert.deepEqual(await rules(rig), { a: 'Host(`a.test`)' })
})

test('links to folders are not followed, links to files are', async (t) => {
  const { rig, provider, path } = run(
    t,
    { 'conf/a.yml': router('a', 'a.test'), 'other/b.yml': router('b', 'b.test') },
    { directory: 'conf', watch: false },
  )
  await rig.published()
  symlinkSync(path('conf'), path('conf/circle.yml'))
  symlinkSync(path('other/b.yml'), path('conf/b.yml'))
  provider.reload?.()
  assert.deepEqual(await rules(rig), { a: 'Host(`a.test`)', b: 'Host(`b.test`)' })
})

test('follows a file that is written, replaced by rename, deleted and made again', async (t) => {
  const { rig, write, path } = run(t, { 'a.yml': router('a', 'one.test') }, { filename: 'a.yml' })
  assert.deepEqual(await rules(rig), { a: 'Host(`one.test`)' })
  write('a.yml', router('a', 'two.test'))
  assert.deepEqual(await rules(rig), { a: 'Host(`two.test`)' })
  write('a.yml~', router('a', 'three.test'))
  renameSync(path('a.yml~'), path('a.yml'))
  assert.deepEqual(await rules(rig), { a: 'Host(`three.test`)' })
  rmSync(path('a.yml'))
  assert.match((await rig.complained()).join(), /cannot read file: ENOENT/)
  write('a.yml', router('a', 'four.test'))
  assert.deepEqual(await rules(rig), { a: 'Host(`four.test`)' })
})

test('follows files that come, change and go in a folder and below', async (t) => {
  const { rig, write, path } = run(t, { 'conf/a.yml': router('a', 'a.test') }, { directory: 'conf' })
  await rig.published()
  write('conf/sub/b.yml', router('b', 'b.test'))
  assert.deepEqual(await rules(rig), { a: 'Host(`a.test`)', b: 'Host(`b.test`)' })
  write('conf/sub/b.yml', router('b', 'other.test'))
  assert.deepEqual(await rules(rig), { a: 'Host(`a.test`)', b: 'Host(`other.test`)' })
  rmSync(path('conf/a.yml'))
  assert.deepEqual(await rules(rig), { b: 'Host(`other.test`)' })
})

test('follows a ConfigMap volume whose versions are swapped by a link', async (t) => {
  const { rig, write, path } = run(t, { 'conf/..v1/a.yml': router('a', 'one.test') }, { directory: 'conf' })
  assert.deepEqual(await rules(rig), {})
  symlinkSync('..v1', path('conf/..data'))
  symlinkSync('..data/a.yml', path('conf/a.yml'))
  assert.deepEqual(await rules(rig), { a: 'Host(`one.test`)' })
  write('conf/..v2/a.yml', router('a', 'two.test'))
  symlinkSync('..v2', path('conf/..data_tmp'))
  renameSync(path('conf/..data_tmp'), path('conf/..data'))
  // The folder of the new version may be seen before the link is swapped.
  let found = await rules(rig)
  while (found['a'] !== 'Host(`two.test`)') found = await rules(rig)
  assert.deepEqual(found, { a: 'Host(`two.test`)' })
})

test('a file that is missing at the start is complained of, and read when it appears', async (t) => {
  const { rig, write } = run(t, {}, { filename: 'later.yml' })
  assert.match((await rig.complained()).join(), /later\.yml: cannot read file: ENOENT/)
  write('later.yml', router('a', 'a.test'))
  assert.deepEqual(await rules(rig), { a: 'Host(`a.test`)' })
})

test('without watching a change counts when it is asked for', async (t) => {
  const { rig, provider, write } = run(t, { 'a.yml': router('a', 'one.test') }, { filename: 'a.yml', watch: false })
  await rig.published()
  write('a.yml', router('a', 'two.test'))
  provider.reload?.()
  assert.deepEqual(await rules(rig), { a: 'Host(`two.test`)' })
})

test('one broken file of a folder refuses all, every mistake is told with its place, and the last good state stays', async (t) => {
  const { rig, provider, write, path } = run(t, { 'conf/a.yml': router('a', 'a.test') }, { directory: 'conf', watch: false })
  await rig.published()
  write('conf/b.yml', 'http:\n  routers:\n    b: {rule: x, servise: s}\n  servcies: {}\n')
  write('conf/c.yml', 'http: [')
  write('conf/d.yml', 'a: 1\n{{ nosuch }}\n')
  provider.reload?.()
  const lines = await rig.complained()
  assert.equal(lines.length, 4)
  assert.ok(lines[0]?.startsWith(`${path('conf/b.yml')}:3:`) && lines[0].includes('did you mean "service"?'))
  assert.ok(lines[1]?.startsWith(`${path('conf/b.yml')}:4:3: `) && lines[1].includes('did you mean "services"?'))
  assert.ok(lines[2]?.startsWith(`${path('conf/c.yml')}:1:`))
  assert.equal(lines[3], `${path('conf/d.yml')}:2:4: template: function "nosuch" not defined`)
  assert.deepEqual(rig.waiting, [])
})

test('templates are rendered with the environment, and mistakes are placed in the template', async (t) => {
  const text =
    '{{ $n := 3 -}}\nhttp:\n  routers:\n{{ range until $n }}    r{{ . }}: {rule: "Host(`{{ env "NAME" }}{{ . }}`)", service: s}\n{{ end }}'
  const { rig, provider, write, path } = run(t, { 'a.yml': text }, { filename: 'a.yml', watch: false }, { NAME: 'x' })
  const { routing, locate } = await rig.published()
  assert.deepEqual(rulesOf(routing), { r0: 'Host(`x0`)', r1: 'Host(`x1`)', r2: 'Host(`x2`)' })
  assert.deepEqual(locate(['http', 'routers', 'r2']), { file: path('a.yml'), line: 4, column: 25 })
  write('a.yml', text.replace('service', 'servise'))
  provider.reload?.()
  const lines = await rig.complained()
  assert.equal(lines.length, 3)
  for (const line of lines) assert.ok(line.startsWith(`${path('a.yml')}:4:`), line)
})

test('neither a file nor a folder is refused', () => {
  assert.throws(() => new ProviderRig().start(file, defaults), /neither filename nor directory/)
})

test('an unknown extension is an error', async (t) => {
  const { rig } = run(t, { 'a.txt': '' }, { filename: 'a.txt' })
  assert.match((await rig.complained()).join(), /unsupported file extension/)
})
