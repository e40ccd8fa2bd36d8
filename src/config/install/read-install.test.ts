import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { InstallError, loadInstall } from '../sources/load-install.ts'
import { parseEntryPointAddress } from './address.ts'
import { installFileCandidates } from './find-file.ts'
import { readInstall } from './read-install.ts'

interface Given {
  readonly argv?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
}

function read({ argv = [], env = {}, files = {} }: Given) {
  return readInstall({ argv, env, cwd: '/work', readFile: (path) => files[path] })
}

function readYaml(text: string) {
  return read({ argv: ['--configFile=x.yml'], files: { '/work/x.yml': text } })
}

describe('which sources count', () => {
  test('nothing at all listens on port 80', () => {
    const { install, warnings, file } = read({})
    assert.deepEqual(Object.keys(install?.entryPoints ?? {}), ['http'])
    assert.equal(install?.entryPoints['http']?.address, ':80')
    assert.deepEqual(warnings, [])
    assert.equal(file, undefined)
  })
  test('a file switches flags and variables off, which is said', () => {
    const { install, warnings, file } = read({
      argv: ['--configFile=/x.yml', '--ping'],
      env: { TRAEFIK_LOG_LEVEL: 'DEBUG' },
      files: { '/x.yml': 'api: {}\n' },
    })
    assert.equal(file, '/x.yml')
    assert.equal(install?.ping, undefined)
    assert.equal(install?.log, undefined)
    assert.ok(install?.api !== undefined)
    assert.equal(warnings.length, 2)
    assert.match(warnings[0] ?? '', /flags are passed over.*--ping/)
    assert.match(warnings[1] ?? '', /environment variables are passed over.*TRAEFIK_LOG_LEVEL/)
  })
  test('flags switch variables off', () => {
    const { install, warnings } = read({ argv: ['--ping'], env: { TRAEFIK_API: 'true' } })
    assert.ok(install?.ping !== undefined)
    assert.equal(install.api, undefined)
    assert.equal(warnings.length, 1)
  })
  test('a file that is named but missing is passed over, which is said', () => {
    const { install, warnings } = read({ argv: ['--configFile=missing.yml', '--ping'] })
    assert.ok(install?.ping !== undefined)
    assert.match(warnings.join(), /missing.yml does not exist: no install file is used/)
  })
  test('mergeSources merges file, variables and flags', () => {
    const { install, origins, warnings } = read({
      argv: ['--configFile=x.toml', '--mergeSources', '--log.level=WARN'],
      env: { TIDEGATE_LOG_FORMAT: 'json', TRAEFIK_ENTRYPOINTS_WEB_ADDRESS: ':2', TRAEFIK_LOG_LEVEL: 'INFO' },
      files: { '/work/x.toml': '[entryPoints.Web]\naddress = ":1"\nasDefault = true\n' },
    })
    assert.deepEqual(warnings, [])
    assert.equal(install?.log?.level, 'WARN')
    assert.equal(install.log.format, 'json')
    assert.deepEqual(Object.keys(install.entryPoints), ['Web'])
    assert.equal(install.entryPoints['Web']?.address, ':2')
    assert.equal(install.entryPoints['Web'].asDefault, true)
    assert.equal(origins.get('log.level'), '--log.level')
    assert.equal(origins.get('log.format'), 'TIDEGATE_LOG_FORMAT')
    assert.equal(origins.get('entryPoints.Web.asDefault'), '/work/x.toml:3:1')
  })
  test('files are looked for in the places of Traefik, ours first', () => {
    const found = installFileCandidates({ XDG_CONFIG_HOME: '/xdg', HOME: '/home/u' }, '/work')
    assert.equal(found[0], '/etc/tidegate/tidegate.toml')
    const order = [
      '/etc/traefik/tidegate.json',
      '/etc/traefik/traefik.toml',
      '/xdg/tidegate.yml',
      '/xdg/traefik.yml',
      '/home/u/.config/traefik.yaml',
      '/work/tidegate.json',
      '/work/traefik.toml',
      '/work/traefik.yaml',
      '/work/traefik.yml',
    ]
    assert.deepEqual(
      order.map((path) => found.indexOf(path)),
      order.map((path) => found.indexOf(path)).toSorted((a, b) => a - b),
    )
    assert.ok(order.every((path) => found.includes(path)))
    assert.equal(
      installFileCandidates({}, '/work').some((path) => path.includes('undefined')),
      false,
    )
  })
  test('a file that cannot be read is an error', () => {
    const read = () => {
      throw new Error('cannot read /etc/x: EACCES')
    }
    const { install, problems } = readInstall({ argv: [], env: {}, cwd: '/', readFile: read })
    assert.equal(install, undefined)
    assert.match(problems[0]?.message ?? '', /EACCES/)
  })
})

describe('what follows by itself', () => {
  const cases: readonly (readonly [text: string, entryPoints: string[]])[] = [
    ['api: {insecure: true}', ['http', 'traefik']],
    ['api: {}', ['http']],
    ['ping: {}', ['http', 'traefik']],
    ['ping: {manualRouting: true}', ['http']],
    ['ping: {entryPoint: http}', ['http']],
    ['metrics: {prometheus: {}}', ['http', 'traefik']],
    ['providers: {rest: {insecure: true}}', ['http', 'traefik']],
    ['{entryPoints: {traefik: {address: ":1"}}, ping: {}}', ['traefik']],
  ]
  for (const [text, entryPoints] of cases)
    test(`entry points of ${text}`, () => assert.deepEqual(Object.keys(readYaml(text).install?.entryPoints ?? {}), entryPoints))
  test('the former name of resource attributes', () => {
    assert.equal(readYaml('tracing: {globalAttributes: {a: b}}').install?.tracing?.resourceAttributes['a'], 'b')
  })
})

test('readTimeout tells whether it was configured, even as its default', () => {
  const given = (text: string) => {
    const { install } = readYaml(`entryPoints: {Web: {address: ":1", transport: {respondingTimeouts: {${text}}}}}`)
    return install?.entryPoints['Web']?.transport.respondingTimeouts.readTimeoutGiven
  }
  assert.equal(given('idleTimeout: 5'), false)
  assert.equal(given('READTIMEOUT: 60'), true)
})

describe('what stops the start', () => {
  const web = (rest: string) => `entryPoints: {web: {address: ":1", ${rest}}}`
  const cases: readonly (readonly [text: string, path: string, message: RegExp])[] = [
    ['', '', /no valid configuration found in file/],
    ['nonsense: 1', '', /no valid configuration found in file/],
    ['a: [', '', /yaml: /],
    [web('adress: x'), 'entryPoints.web.adress', /field not found, node: adress/],
    ['entryPoints: {web: {address: 127.0.0.1}}', 'entryPoints.web.address', /missing port/],
    ['entryPoints: {web: {address: ":1/sctp"}}', 'entryPoints.web.address', /invalid protocol: sctp/],
    ['entryPoints: {a: {address: ":1"}, b: {address: "0.0.0.0:1"}}', 'entryPoints.b.address', /same address/],
    [
      web('forwardedHeaders: {trustedIPs: [10.0.0.0/8, 300.1.1.1]}'),
      'entryPoints.web.forwardedHeaders.trustedIPs[1]',
      /invalid CIDR address: 300.1.1.1/,
    ],
    [web('proxyProtocol: {}'), 'entryPoints.web.proxyProtocol', /trustedIPs or insecure/],
    [web('http2: {maxConcurrentStreams: -1}'), 'entryPoints.web.http2.maxConcurrentStreams', /greater than or equal to 0/],
    [
      web('http: {underscoreHeadersStrategy: drop}'),
      'entryPoints.web.http.underscoreHeadersStrategy',
      /unsupported underscore headers strategy/,
    ],
    [web('http: {encodedCharacters: {}}'), 'entryPoints.web.http.encodedCharacters', /standalone/],
    ['certificatesResolvers: {r: {acme: {email: a}, tailscale: {}}}', 'certificatesResolvers.r', /mutually exclusive/],
    ['certificatesResolvers: {r: {acme: {storage: ""}}}', 'certificatesResolvers.r.acme.storage', /no storage location/],
    ['core: {defaultRuleSyntax: v4}', 'core.defaultRuleSyntax', /unsupported default rule syntax/],
    ['providers: {precedence: [file, marathon]}', 'providers.precedence[1]', /unknown provider name "marathon"/],
    [
      'providers: {kubernetesIngressNGINX: {watchNamespace: a, watchNamespaceSelector: b}}',
      'providers.kubernetesIngressNGINX',
      /mutually exclusive/,
    ],
    ['providers: {knative: {}}', 'providers.knative', /must be enabled/],
    ['log: {otlp: {}}', 'log.otlp', /must be enabled/],
    [
      '{experimental: {otlpLogs: true}, accessLog: {otlp: {grpc: {insecure: true, tls: {ca: x}}}}}',
      'accessLog.otlp.grpc',
      /mutually exclusive/,
    ],
    ['api: {basePath: x}', 'api.basePath', /has to start with \//],
    ['ocsp: {responderOverrides: {a: ""}}', 'ocsp.responderOverrides.a', /must not be empty/],
    ['pilot: {token: x}', 'pilot', /removed in v3/],
    ['experimental: {http3: true}', 'experimental.http3', /removed in v3/],
    ['providers: {docker: {tls: {caOptional: true}}}', 'providers.docker.tls.caOptional', /removed in v3/],
    ['tracing: {zipkin: {}}', 'tracing.zipkin', /removed in v3/],
    ['metrics: {influxDB: {}}', 'metrics.influxDB', /removed in v3/],
  ]
  for (const [text, path, message] of cases) {
    test(text === '' ? 'an empty file' : text, () => {
      const { install, problems } = readYaml(text)
      const errors = problems.filter((problem) => problem.severity === 'error')
      assert.equal(install, undefined)
      assert.ok(
        errors.some((error) => error.path === path && message.test(error.message) && error.file === '/work/x.yml'),
        JSON.stringify(errors),
      )
    })
  }
  test('an option below a known section of the environment that is unknown', () => {
    const { install, problems } = read({ env: { TRAEFIK_API_NONSENSE: '1' } })
    assert.equal(install, undefined)
    assert.deepEqual([problems[0]?.file, problems[0]?.message], ['TRAEFIK_API_NONSENSE', 'field not found, node: nonsense'])
  })
  test('the sections of removed options in the environment', () => {
    assert.equal(read({ env: { TRAEFIK_PILOT_TOKEN: 'x' } }).install, undefined)
  })
  test('loading throws with a line for each error', () => {
    const load = () => loadInstall({ args: ['--ping.x=1', '--api.y=2'], env: {}, cwd: '/', readFile: () => undefined })
    assert.throws(load, (error) => error instanceof InstallError && error.problems.length === 2 && error.message.split('\n').length === 2)
  })
})

test('mistakes that do not stop the start', () => {
  const { install, problems } = readYaml(
    '{log: {level: CHATTY, format: chatty}, ping: {entryPoint: none}, nonsense: {a: 1}, providers: {http: {pollInterval: 1s}}}',
  )
  assert.ok(install !== undefined)
  assert.deepEqual(
    problems.map((problem) => problem.severity),
    ['warning'],
  )
})

test('options that are not built yet are named', () => {
  const { unbuilt } = readYaml(
    '{providers: {nomad: {}, file: {filename: x}}, tracing: {}, entryPoints: {a: {address: ":1", http3: {}}, b: {address: ":2"}}, api: {debug: true}}',
  )
  assert.deepEqual(unbuilt.toSorted(), [
    'entryPoints.a.http3: not supported yet',
    'providers.nomad: not supported yet',
    'tracing: not supported yet',
  ])
  assert.deepEqual(readYaml('api: {}').unbuilt, [])
})

describe('addresses of entry points', () => {
  const good: readonly (readonly [address: string, host: string, port: number, protocol: string])[] = [
    [':80', '', 80, 'tcp'],
    ['127.0.0.1:0', '127.0.0.1', 0, 'tcp'],
    ['[::1]:443/tcp', '::1', 443, 'tcp'],
    [':53/UDP', '', 53, 'udp'],
    ['host:', 'host', 0, 'tcp'],
  ]
  for (const [address, host, port, protocol] of good)
    test(address, () => assert.deepEqual(parseEntryPointAddress(address), { host, port, protocol }))
  for (const address of ['', '80', '1.2.3.4', ':65536', ':x', ':-1', '::1:80', ':80/', ':80/quic']) {
    test(`refuses ${JSON.stringify(address)}`, () => assert.throws(() => parseEntryPointAddress(address), Error))
  }
})
