import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import * as fc from 'fast-check'
import { type Answer, checkMiddleware, MiddlewareRig, valuesOf } from '../../../../../test/support/middleware-rig.ts'
import { fileNames } from './file-path.ts'

const modified = 'Mon, 02 Feb 2026 03:04:05 GMT'
const big = 'x'.repeat(300_000)

describe('staticFiles', () => {
  let folder = ''
  let root = ''
  const write = (name: string, text: string): void => writeFileSync(join(root, name), text)

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tidegate-files-'))
    root = join(folder, 'root')
    for (const name of ['docs', 'empty', '.git', '.well-known', 'späte']) mkdirSync(join(root, name), { recursive: true })
    write('index.html', '<h1>home</h1>')
    write('app.js', 'plain script')
    write('app.js.br', 'brotli')
    write('app.js.gz', 'gzipped')
    write('docs/index.html', 'docs')
    write('ten.txt', '0123456789')
    write('big.bin', big)
    write('.env', 'SECRET')
    write('.git/config', 'SECRET')
    write('.well-known/security.txt', 'mail us')
    write('späte/größe.txt', 'umlaut')
    write('a b.txt', 'blank')
    write('no.thing', '')
    writeFileSync(join(folder, 'secret.txt'), 'SECRET')
    symlinkSync(join(folder, 'secret.txt'), join(root, 'out.txt'))
    symlinkSync(folder, join(root, 'outside'))
    symlinkSync('ten.txt', join(root, 'in.txt'))
    execFileSync('mkfifo', [join(root, 'pipe')])
    const at = new Date(modified)
    utimesSync(join(root, 'ten.txt'), at, at)
  })
  after(() => rmSync(folder, { recursive: true }))

  async function rigFor(t: TestContext, options: object = {}): Promise<MiddlewareRig> {
    const rig = await MiddlewareRig.start({ middlewares: [{ staticFiles: { root, ...options } }] })
    t.after(() => rig.close())
    return rig
  }

  const facts = (answer: Answer): unknown[] => [answer.status, answer.body, valuesOf(answer, 'content-type')[0] ?? '']

  it('sends files with their types', async (t) => {
    const rig = await rigFor(t, { types: { thing: 'x/thing' } })
    const html = 'text/html; charset=utf-8'
    const text = 'text/plain; charset=utf-8'
    const table: readonly (readonly [target: string, status: number, body: string, type: string])[] = [
      ['/', 200, '<h1>home</h1>', html],
      ['/index.html', 200, '<h1>home</h1>', html],
      ['/docs/', 200, 'docs', html],
      ['/app.js?v=1', 200, 'plain script', 'text/javascript; charset=utf-8'],
      ['/big.bin', 200, big, 'application/octet-stream'],
      ['/a%20b.txt', 200, 'blank', text],
      ['/sp%C3%A4te/gr%c3%b6%C3%9Fe.txt', 200, 'umlaut', text],
      ['/.well-known/security.txt', 200, 'mail us', text],
      ['/no.thing', 200, '', 'x/thing'],
      ['/in.txt', 200, '0123456789', text],
    ]
    for (const [target, ...wanted] of table) assert.deepEqual(facts(await rig.ask(`GET ${target}`)), wanted, target)
    const head = await rig.ask('HEAD /big.bin')
    assert.deepEqual([head.status, head.body, valuesOf(head, 'content-length')], [200, '', ['300000']])
  })

  it('sends nothing else, whatever is asked for', async (t) => {
    const rig = await rigFor(t)
    const nothing = [
      '/missing',
      '/empty/',
      '/docs/missing',
      '/app.js/',
      '/app.js/x',
      '/.env',
      '/.git/config',
      '/.git/',
      '/out.txt',
      '/outside/secret.txt',
      '/..%2fsecret.txt',
      '/docs%2findex.html',
      '/docs/..%5c..%5csecret.txt',
      '/ten.txt%00',
      '/ten.txt%00.js',
      '/%ff%fe',
      `/${'a'.repeat(300)}`,
      `/${'a/'.repeat(80)}x`,
      '/pipe',
    ]
    for (const target of nothing) {
      const answer = await rig.ask(`GET ${target}`)
      assert.ok([400, 404].includes(answer.status), `${target}: ${answer.status}`)
      assert.doesNotMatch(answer.body, /SECRET|0123/, target)
    }
    for (const target of ['/../secret.txt', '/docs/%2e%2e/%2E%2E/secret.txt', '/outside/../../secret.txt'])
      assert.doesNotMatch((await rig.ask(`GET ${target}`)).body, /SECRET/, target)
  })

  it('follows links as it is told', async (t) => {
    const never = await rigFor(t, { symlinks: 'never' })
    assert.deepEqual([(await never.ask('GET /in.txt')).status, (await never.ask('GET /ten.txt')).status], [404, 200])
    const anywhere = await rigFor(t, { symlinks: 'anywhere' })
    assert.equal((await anywhere.ask('GET /outside/secret.txt')).body, 'SECRET')
  })

  it('sends hidden files when it is told', async (t) => {
    const rig = await rigFor(t, { dotFiles: true })
    assert.equal((await rig.ask('GET /.env')).body, 'SECRET')
    assert.equal((await rig.ask('GET /.%2e/secret.txt')).status, 404)
  })

  it('sends folders to their own URL, never to another host', async (t) => {
    const rig = await rigFor(t)
    const answer = await rig.ask('GET /docs?a=b')
    assert.deepEqual([answer.status, valuesOf(answer, 'location')], [301, ['./docs/?a=b']])
    assert.deepEqual(valuesOf(await rig.ask('GET //docs'), 'location'), ['./docs/'])
  })

  it('answers conditional requests', async (t) => {
    const rig = await rigFor(t, { cacheControl: 'max-age=60', headers: { 'X-A': 'b' } })
    const first = await rig.ask('GET /ten.txt')
    const [etag = ''] = valuesOf(first, 'etag')
    assert.match(etag, /^"[a-z0-9]+-a"$/)
    assert.deepEqual(
      [valuesOf(first, 'last-modified'), valuesOf(first, 'cache-control'), valuesOf(first, 'x-a')],
      [[modified], ['max-age=60'], ['b']],
    )
    const table: readonly (readonly [string, number])[] = [
      [`If-None-Match: ${etag}`, 304],
      [`If-None-Match: "x", W/${etag}`, 304],
      ['If-None-Match: *', 304],
      ['If-None-Match: "x"', 200],
      [`If-None-Match: "x"\nIf-Modified-Since: ${modified}`, 200],
      [`If-Modified-Since: ${modified}`, 304],
      ['If-Modified-Since: Monday, 02-Feb-26 03:04:05 GMT', 304],
      ['If-Modified-Since: Mon Feb  2 03:04:04 2026', 200],
      ['If-Modified-Since: yesterday', 200],
      [`If-Match: ${etag}`, 200],
      [`If-Match: W/${etag}`, 412],
      ['If-Match: "x"', 412],
      ['If-Match: *', 200],
      [`If-Unmodified-Since: ${modified}`, 200],
      ['If-Unmodified-Since: Mon, 02 Feb 2026 03:04:04 GMT', 412],
    ]
    for (const [field, status] of table) assert.equal((await rig.ask(`GET /ten.txt\n${field}`)).status, status, field)
    const unchanged = await rig.ask(`GET /ten.txt\nIf-None-Match: ${etag}`)
    assert.deepEqual([unchanged.body, valuesOf(unchanged, 'etag'), valuesOf(unchanged, 'content-type')], ['', [etag], []])
  })

  it('answers ranges', async (t) => {
    const rig = await rigFor(t)
    const [etag = ''] = valuesOf(await rig.ask('GET /ten.txt'), 'etag')
    const table: readonly (readonly [fields: string, status: number, body: string, range: string])[] = [
      ['Range: bytes=0-0', 206, '0', 'bytes 0-0/10'],
      ['Range: bytes=2-', 206, '23456789', 'bytes 2-9/10'],
      ['Range: bytes=-3', 206, '789', 'bytes 7-9/10'],
      ['Range: bytes=-30', 206, '0123456789', 'bytes 0-9/10'],
      ['Range: bytes=8-99', 206, '89', 'bytes 8-9/10'],
      ['Range: bytes=0-1,2-3', 206, '0123', 'bytes 0-3/10'],
      ['Range: bytes=0-1,5-6', 200, '0123456789', ''],
      ['Range: bytes=10-', 416, 'Requested Range Not Satisfiable', 'bytes */10'],
      ['Range: bytes=-0', 416, 'Requested Range Not Satisfiable', 'bytes */10'],
      ['Range: bytes=5-1', 200, '0123456789', ''],
      ['Range: bytes=x', 200, '0123456789', ''],
      ['Range: lines=0-1', 200, '0123456789', ''],
      [`Range: bytes=${'0-0,'.repeat(40)}1-1`, 200, '0123456789', ''],
      [`Range: bytes=0-0\nIf-Range: ${etag}`, 206, '0', 'bytes 0-0/10'],
      [`Range: bytes=0-0\nIf-Range: W/${etag}`, 200, '0123456789', ''],
      [`Range: bytes=0-0\nIf-Range: ${modified}`, 206, '0', 'bytes 0-0/10'],
      ['Range: bytes=0-0\nIf-Range: "x"', 200, '0123456789', ''],
    ]
    for (const [fields, status, body, range] of table) {
      const answer = await rig.ask(`GET /ten.txt\n${fields}`)
      assert.deepEqual([answer.status, answer.body, valuesOf(answer, 'content-range')[0] ?? ''], [status, body, range], fields)
    }
    assert.equal((await rig.ask('GET /big.bin\nRange: bytes=1-200000')).body.length, 200_000)
  })

  it('sends the encoding that the client takes', async (t) => {
    const rig = await rigFor(t, { precompressed: ['br', 'zstd', 'gzip'] })
    const table: readonly (readonly [accept: string, body: string, encoding: string])[] = [
      ['gzip, br', 'brotli', 'br'],
      ['gzip, br;q=0', 'gzipped', 'gzip'],
      ['*', 'brotli', 'br'],
      ['zstd', 'plain script', ''],
      ['identity', 'plain script', ''],
    ]
    const etags = new Set<string>()
    for (const [accept, body, encoding] of table) {
      const answer = await rig.ask(`GET /app.js\nAccept-Encoding: ${accept}`)
      assert.deepEqual(
        [answer.body, valuesOf(answer, 'content-encoding')[0] ?? '', valuesOf(answer, 'vary')],
        [body, encoding, ['Accept-Encoding']],
      )
      assert.deepEqual(valuesOf(answer, 'content-type'), ['text/javascript; charset=utf-8'])
      etags.add(valuesOf(answer, 'etag')[0] ?? '')
    }
    assert.equal(etags.size, 3)
  })

  it('answers other paths with the page of an application, for those who take HTML', async (t) => {
    const rig = await rigFor(t, { fallback: '/index.html' })
    const page = await rig.ask('GET /some/view\nAccept: text/html,*/*;q=0.8')
    assert.deepEqual([page.status, page.body], [200, '<h1>home</h1>'])
    assert.equal((await rig.ask('GET /some/script.js\nAccept: */*')).status, 404)
    assert.equal((await rig.ask('GET /some/view')).status, 404)
  })

  it('refuses other methods, or lets pass what it has no file for', async (t) => {
    const refusing = await rigFor(t)
    const refused = await refusing.ask('POST /ten.txt')
    assert.deepEqual([refused.status, valuesOf(refused, 'allow'), refused.seen], [405, ['GET, HEAD'], null])
    const passing = await rigFor(t, { passThrough: true })
    assert.equal((await passing.ask('POST /ten.txt')).body, 'ok')
    assert.equal((await passing.ask('GET /missing')).body, 'ok')
    assert.equal((await passing.ask('GET /ten.txt')).body, '0123456789')
  })

  it('never makes a name that leads elsewhere', () => {
    const piece = fc.oneof(fc.constantFrom('..', '.', '%2e', '%2E', '%2f', '%5c', '%00', '\\', '/', 'a', '%', '%C3%A9'), fc.string())
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.boolean(), (pieces, dots) => {
        for (const name of fileNames(`/${pieces.join('')}`, dots) ?? [])
          assert.ok(name !== '.' && name !== '..' && !/[/\\\0]/.test(name), name)
      }),
    )
  })

  it('says what is wrong with its options', () => {
    const errors: readonly (readonly [object, RegExp])[] = [
      [{}, /^staticFiles\.root: missing/],
      [{ root: '/x', index: 'a/b' }, /^staticFiles\.index: "a\/b" is no file name/],
      [{ root: '/x', fallback: '../x' }, /^staticFiles\.fallback/],
      [{ root: '/x', precompressed: ['lz4'] }, /^staticFiles\.precompressed: "lz4" is none of/],
      [{ root: '/x', symlinks: 'maybe' }, /^staticFiles\.symlinks: "maybe" is none of/],
    ]
    for (const [options, pattern] of errors) assert.match(checkMiddleware({ staticFiles: options }).error ?? '', pattern)
  })
})
