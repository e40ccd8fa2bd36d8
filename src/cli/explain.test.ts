import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { readRequest } from '../generation/explain-request.ts'
import type { ExplainedRouting, Explanation } from '../generation/explanation.ts'
import { printExplanation } from './explain.ts'
import { explainOffline, type Offline, readOffline } from './offline.ts'
import { failuresOf, readRouteTests } from './route-tests.ts'

const folder = mkdtempSync(join(tmpdir(), 'explain-'))
after(() => rmSync(folder, { recursive: true }))

const install = `
entryPoints: {web: {address: ":80"}, websecure: {address: ":443", http: {tls: {}}}, db: {address: ":5432"}}
providers: {file: {filename: ${join(folder, 'routing.yml')}}}
`
const routing = `
http:
  routers:
    api: {rule: "Host(\`a.local\`) && PathPrefix(\`/api\`)", service: s, middlewares: [strip, auth], entryPoints: [web]}
    all: {rule: "Host(\`a.local\`)", service: w, entryPoints: [web]}
    old: {rule: "Host(\`a.local\`) && Path(\`/old\`)", service: s, middlewares: [red, strip], entryPoints: [web]}
    bad: {rule: "Host(\`b.local\`)", service: nope, entryPoints: [web]}
    parent: {rule: "Host(\`p.local\`)", middlewares: [strip], entryPoints: [web]}
    childa: {rule: "Path(\`/a\`)", parentRefs: [parent], service: s}
    childb: {rule: "Path(\`/b\`)", parentRefs: [parent], service: s}
    sec: {rule: "Host(\`a.local\`)", service: s, entryPoints: [websecure]}
  middlewares:
    strip: {stripPrefix: {prefixes: [/api]}}
    auth: {basicAuth: {users: ["a:$apr1$x$y"]}}
    red: {redirectRegex: {regex: "^http://a.local/old$", replacement: "http://a.local/new"}}
  services:
    s: {loadBalancer: {servers: [{url: "http://user:secret@127.0.0.1:1"}]}}
    w: {weighted: {services: [{name: s}]}}
tcp:
  routers: {pg: {rule: "HostSNI(\`*\`)", service: d, entryPoints: [db]}}
  services: {d: {loadBalancer: {servers: [{address: "127.0.0.1:2"}]}}}
`

let offline: Offline

before(() => {
  writeFileSync(join(folder, 'routing.yml'), routing)
  writeFileSync(join(folder, 'install.yml'), install)
  offline = readOffline([`--configFile=${join(folder, 'install.yml')}`], [])
})

async function ask(words: string, headers: readonly (readonly [string, string])[] = []): Promise<Explanation> {
  const request = readRequest(words.split(' '), headers, '10.0.0.1', '')
  if (typeof request === 'string') assert.fail(request)
  const [explanation] = await explainOffline(offline, [request])
  return explanation ?? assert.fail('no explanation')
}

async function routed(words: string): Promise<ExplainedRouting> {
  const { entryPoints } = await ask(words)
  return entryPoints[0]?.routing ?? assert.fail('not routed')
}

describe('explain', () => {
  it('lists candidates in their order with what fails first, and goes through the chain to the server', async () => {
    const explained = await routed('GET http://a.local/api/x?y=1')
    assert.deepEqual(
      explained.candidates.map(({ router, failed }) => [router, failed]),
      [
        ['api@file', null],
        ['old@file', 'Path(`/old`)'],
        ['all@file', null],
        ['bad@file', 'Host(`b.local`)'],
        ['parent@file', 'Host(`p.local`)'],
      ],
    )
    assert.equal(explained.router, 'api@file')
    assert.match(explained.why, /of 2 that match/)
    assert.deepEqual(
      explained.chain.map(({ name, outcome }) => [name, outcome]),
      [
        ['strip@file', 'passed'],
        ['auth@file', 'notTried'],
      ],
    )
    assert.deepEqual([explained.service?.name, explained.service?.strategy], ['s@file', 'wrr'])
    assert.equal(explained.forwarded?.target, '/x?y=1')
  })

  it('shows no password of a server', async () => {
    assert.doesNotMatch(printExplanation(await ask('http://a.local/api/x')), /secret/)
  })

  const answers: readonly { words: string; router: string | null; status: number; reason: string; location?: string }[] = [
    { words: 'http://a.local/old', router: 'old@file', status: 302, reason: 'middleware_answer', location: 'http://a.local/new' },
    { words: 'http://b.local/', router: 'bad@file', status: 404, reason: 'router_disabled' },
    { words: 'http://c.local/', router: null, status: 404, reason: 'no_router' },
  ]
  for (const { words, router, status, reason, location = '' } of answers) {
    it(`tells who answers ${words} in place of a server`, async () => {
      const explained = await routed(words)
      assert.equal(explained.router, router)
      assert.deepEqual(explained.answer, { status, reason, location })
    })
  }

  it('goes on below a router that has children, with the path as its middlewares leave it', async () => {
    const explained = await routed('http://p.local/api/b')
    assert.deepEqual([explained.router, explained.below?.router, explained.below?.request.path], ['parent@file', 'childb@file', '/b'])
  })

  it('asks a service of services', async () => {
    const explained = await routed('http://a.local/x')
    assert.deepEqual([explained.service?.kind, explained.service?.services[0]?.name], ['weighted', 's@file'])
  })

  it('tells of the handshake', async () => {
    const { entryPoints } = await ask('https://a.local/')
    assert.deepEqual(
      entryPoints.map(({ name, tls, routing: found }) => [name, tls?.options, tls?.certificate?.isDefault, found?.router]),
      [['websecure', 'default', true, 'sec@file']],
    )
  })

  it('tells of a TCP router that has the connection', async () => {
    const { entryPoints } = await ask('http://a.local:5432/')
    assert.deepEqual([entryPoints[0]?.tcpRouter, entryPoints[0]?.routing], ['pg@file', null])
  })

  it('tells of a request that no router gets to see', async () => {
    const { entryPoints } = await ask('http://a.local/%zz')
    assert.deepEqual([entryPoints[0]?.refusal?.status, entryPoints[0]?.refusal?.reason], [400, 'bad_path'])
  })

  it('refuses what is no request', async () => {
    assert.match((await ask('GET http://a.local/a\tb')).problem ?? '', /malformed/)
    for (const [words, headers, client, problem] of [
      [['ftp://a'], [], '', /not an absolute http or https URL/],
      [['GE T', 'http://a'], [], '', /no method/],
      [['http://a'], [['a b', '']], '', /no name of a header field/],
      [['http://a'], [['a', 'b\r\nc: d']], '', /line end/],
      [['http://a'], [], 'localhost', /no IP address/],
    ] as const) {
      const read = readRequest(words, headers, client, '')
      assert.match(typeof read === 'string' ? read : 'a request', problem)
    }
  })
})

describe('tests of routes', () => {
  it('tell what came out differently', async () => {
    const path = join(folder, 'tests.yml')
    writeFileSync(
      path,
      `tests:
  - {request: "http://a.local/api/x", router: api@file, service: s@file, path: /x}
  - {request: "http://a.local/old", status: 302, location: "http://a.local/new"}
  - {request: "http://c.local/", noRouter: true, status: 404}
  - {request: "https://a.local/", tlsOptions: default}
  - {name: wrong router, request: "http://a.local/z", router: api@file}
  - {name: too much, request: "http://a.local/z", noRouter: true}
  - {name: no such thing, request: "http://a.local:5432/z", entryPoint: nowhere}
`,
    )
    const { tests, problems } = readRouteTests(path)
    assert.deepEqual(problems, [])
    const explanations = await explainOffline(
      offline,
      tests.map(({ request }) => request),
    )
    assert.deepEqual(
      tests.flatMap((test, index) => failuresOf(test, explanations[index] ?? assert.fail('too few'))),
      [
        'wrong router (web): router: expected api@file, got all@file',
        'too much (web): router: expected none, got all@file',
        'no such thing: there is no entry point nowhere for HTTP (there are: web, websecure, db)',
      ],
    )
  })

  it('name the place of what cannot be read', () => {
    const path = join(folder, 'broken.yml')
    writeFileSync(path, 'tests:\n  - {request: "http://a", ruter: x}\n')
    assert.match(readRouteTests(path).problems.join(), /broken\.yml: .*ruter/)
    assert.match(readRouteTests(join(folder, 'none.yml')).problems.join(), /none\.yml/)
  })
})
