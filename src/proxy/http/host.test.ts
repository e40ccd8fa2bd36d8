import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalHost, portOfHost } from './host.ts'

test('R14 hosts have one canonical form', () => {
  const table: readonly (readonly [string, string, string])[] = [
    ['a.local', 'a.local', ''],
    ['A.LOCAL', 'a.local', ''],
    ['a.local:80', 'a.local', '80'],
    ['A.local:8080', 'a.local', '8080'],
    ['a.local:', 'a.local', ''],
    ['a.local:http', 'a.local', 'http'],
    ['a.local.', 'a.local.', ''],
    ['a.local.:443', 'a.local.', '443'],
    ['a.local:80:80', 'a.local:80:80', ''],
    ['127.0.0.1:9999', '127.0.0.1', '9999'],
    ['[::1]', '::1', ''],
    ['[2001:DB8::1]:8443', '2001:db8::1', '8443'],
    ['[::1]:', '::1', ''],
    ['::1', '::1', ''],
    ['[::1', '[::1', ''],
    ['[::1]x:80', '[::1]x:80', ''],
    ['a[b:80', 'a[b:80', ''],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example', ''],
    ['', '', ''],
    [':80', '', '80'],
    [' a.local ', 'a.local', ''],
  ]
  for (const [sent, host, port] of table) {
    assert.equal(canonicalHost(sent), host, sent)
    assert.equal(portOfHost(sent), port, sent)
  }
})

test('R14 letter case and port change nothing, and the canonical form of a name is its own', () => {
  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/)
  const names = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'))
  fc.assert(
    fc.property(names, fc.nat(65535), (name, port) => {
      assert.equal(canonicalHost(name), name)
      assert.equal(canonicalHost(name.toUpperCase()), name)
      assert.equal(canonicalHost(`${name}:${port}`), name)
      assert.equal(portOfHost(`${name}:${port}`), `${port}`)
    }),
  )
})
