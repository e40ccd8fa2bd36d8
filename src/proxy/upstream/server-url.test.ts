import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseServerUrl, type ServerAddress } from './server-url.ts'

const good: readonly { url: string; address: ServerAddress }[] = [
  { url: 'http://127.0.0.1:8080', address: { scheme: 'http', host: '127.0.0.1', port: 8080, authority: '127.0.0.1:8080', path: '' } },
  { url: 'HTTP://Host.example/x', address: { scheme: 'http', host: 'Host.example', port: 80, authority: 'Host.example', path: '/x' } },
  { url: 'https://host', address: { scheme: 'https', host: 'host', port: 443, authority: 'host', path: '' } },
  {
    url: 'http://joe:se:cret@host:81/a%2Fb?z=1#f',
    address: { scheme: 'http', host: 'host', port: 81, authority: 'host:81', path: '/a%2Fb' },
  },
  {
    url: 'http://[::ffff:127.0.0.1]:99',
    address: { scheme: 'http', host: '::ffff:127.0.0.1', port: 99, authority: '[::ffff:127.0.0.1]:99', path: '' },
  },
  { url: 'http://[::1]', address: { scheme: 'http', host: '::1', port: 80, authority: '[::1]', path: '' } },
  { url: 'http://:1/', address: { scheme: 'http', host: '', port: 1, authority: ':1', path: '/' } },
  { url: 'http://127.0.0.1:99999', address: { scheme: 'http', host: '127.0.0.1', port: 99_999, authority: '127.0.0.1:99999', path: '' } },
  { url: 'unix:///run/app.sock', address: { scheme: 'unix', host: '', port: 0, authority: '', path: '/run/app.sock' } },
  { url: '//host:80', address: { scheme: '', host: 'host', port: 80, authority: 'host:80', path: '' } },
  { url: '', address: { scheme: '', host: '', port: 0, authority: '', path: '' } },
  { url: 'ftp://host', address: { scheme: 'ftp', host: 'host', port: 0, authority: 'host', path: '' } },
]

describe('parseServerUrl', () => {
  for (const { url, address } of good) {
    it(`reads ${JSON.stringify(url)}`, () => {
      assert.deepEqual(parseServerUrl(url), address)
    })
  }

  for (const [url, problem] of [
    ['http://bad host:80', /invalid character in host name/],
    ['http://127.0.0.1:port', /invalid port "port"/],
    ['http://[::1:80', /missing '\]'/],
  ] as const) {
    it(`refuses ${JSON.stringify(url)}`, () => {
      assert.throws(() => parseServerUrl(url), problem)
    })
  }
})
