import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { proxyFromEnvironment as read, type ProxyFor } from './proxy-environment.ts'

function proxyFromEnvironment(env: Readonly<Record<string, string>>, onError = (problem: Error): void => assert.fail(problem)): ProxyFor {
  return read(env, onError)
}

describe('proxyFromEnvironment', () => {
  it('is direct without variables', () => {
    assert.equal(proxyFromEnvironment({})('example.org', 80, false), null)
  })

  it('takes one proxy for http and one for https, with credentials', () => {
    const proxyFor = proxyFromEnvironment({ HTTP_PROXY: 'http://joe:s%40crt@proxy:3128', https_proxy: 'https://secure.proxy' })
    assert.deepEqual(proxyFor('example.org', 80, false), {
      host: 'proxy',
      port: 3128,
      isTls: false,
      authorization: `Basic ${Buffer.from('joe:s@crt').toString('base64')}`,
      isUsable: true,
    })
    assert.deepEqual(proxyFor('example.org', 443, true), {
      host: 'secure.proxy',
      port: 443,
      isTls: true,
      authorization: '',
      isUsable: true,
    })
  })

  it('takes a proxy without scheme as http', () => {
    assert.equal(proxyFromEnvironment({ HTTP_PROXY: 'proxy:3128' })('example.org', 80, false)?.port, 3128)
  })

  it('prefers the variable in capitals', () => {
    assert.equal(proxyFromEnvironment({ HTTP_PROXY: 'one:1', http_proxy: 'two:2' })('example.org', 80, false)?.host, 'one')
  })

  for (const [url, problem] of [
    [
      'socks5://joe:secret@proxy:1080',
      'HTTP_PROXY: proxy scheme "socks5" is not supported, http and https are; requests that need it are refused',
    ],
    ['http://joe:secret@proxy:port', 'HTTP_PROXY: invalid url; requests that need it are refused'],
    ['http://', 'HTTP_PROXY: proxy url has no host; requests that need it are refused'],
  ] as const) {
    it(`says that ${url} cannot be used, and never goes around it`, () => {
      const problems: string[] = []
      const proxyFor = proxyFromEnvironment({ HTTP_PROXY: url }, (error) => problems.push(error.message))
      assert.deepEqual(problems, [problem])
      assert.equal(proxyFor('example.org', 80, false)?.isUsable, false)
      assert.equal(proxyFor('example.org', 443, true), null)
    })
  }

  const noProxy = 'direct.example, .only.sub, *.star.example, 10.0.0.0/8, 192.0.2.7, withport.example:8080, 2001:db8::/32'
  const proxyFor = proxyFromEnvironment({ HTTP_PROXY: 'proxy:3128', NO_PROXY: noProxy })
  for (const [host, port, isDirect] of [
    ['localhost', 80, true],
    ['127.1.2.3', 80, true],
    ['::1', 80, true],
    ['direct.example', 80, true],
    ['DIRECT.example', 80, true],
    ['a.direct.example', 80, true],
    ['notdirect.example', 80, false],
    ['only.sub', 80, false],
    ['a.only.sub', 80, true],
    ['star.example', 80, false],
    ['a.star.example', 80, true],
    ['10.1.2.3', 80, true],
    ['11.1.2.3', 80, false],
    ['192.0.2.7', 80, true],
    ['192.0.2.8', 80, false],
    ['withport.example', 8080, true],
    ['withport.example', 80, false],
    ['2001:db8::1', 80, true],
    ['2001:db9::1', 80, false],
  ] as const) {
    it(`goes to ${host}:${port} ${isDirect ? 'directly' : 'by the proxy'}`, () => {
      assert.equal(proxyFor(host, port, false) === null, isDirect)
    })
  }

  it('goes everywhere directly with NO_PROXY=*', () => {
    assert.equal(proxyFromEnvironment({ HTTP_PROXY: 'proxy:3128', NO_PROXY: '*' })('example.org', 80, false), null)
  })
})
