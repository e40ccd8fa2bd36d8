import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testExchange } from '../../../test/support/upstream-rig.ts'
import { buildIpSet, buildIpStrategy, holdsAddress, type IpStrategyOptions } from './ip-strategy.ts'

function addressOf(options: Partial<IpStrategyOptions> | undefined, forwardedFor?: string, remoteIp = '127.0.0.1'): string {
  const client = { remoteIp, remotePort: 1, localIp: '127.0.0.1', localPort: 80, tls: null }
  const { exchange } = testExchange({ client, headers: forwardedFor === undefined ? [] : [['X-Forwarded-For', forwardedFor]] })
  return buildIpStrategy(options === undefined ? undefined : { depth: 0, excludedIPs: [], ...options })(exchange)
}

test('R18 the client address by depth, exclusion and subnet', () => {
  const table: readonly (readonly [Partial<IpStrategyOptions> | undefined, string | undefined, string])[] = [
    [undefined, '1.1.1.1', '127.0.0.1'],
    [{}, '1.1.1.1', '127.0.0.1'],
    [{ depth: -1 }, '1.1.1.1', '127.0.0.1'],
    [{ depth: 1 }, '1.1.1.1, 2.2.2.2', '2.2.2.2'],
    [{ depth: 2 }, '1.1.1.1,2.2.2.2', '1.1.1.1'],
    [{ depth: 3 }, '1.1.1.1,2.2.2.2', ''],
    [{ depth: 1 }, undefined, ''],
    [{ depth: 1 }, '1.1.1.1, ', ''],
    [{ depth: 2 }, '1.1.1.1,', '1.1.1.1'],
    [{ depth: 2 }, ',1.1.1.1', ''],
    [{ depth: 1 }, 'unknown', 'unknown'],
    [{ depth: 1, excludedIPs: ['2.2.2.2'] }, '1.1.1.1, 2.2.2.2', '2.2.2.2'],
    [{ excludedIPs: ['2.2.2.0/24', '3.3.3.3'] }, '1.1.1.1, 2.2.2.2, 3.3.3.3', '1.1.1.1'],
    [{ excludedIPs: ['2.2.2.0/24'] }, '1.1.1.1, , 2.2.2.2,', '1.1.1.1'],
    [{ excludedIPs: ['2.2.2.0/24'] }, '9.9.9.9, 1.1.1.1:80, 2.2.2.2', '1.1.1.1:80'],
    [{ excludedIPs: ['2.2.2.0/24'] }, '2.2.2.2, 2.2.2.3', ''],
    [{ excludedIPs: ['2.2.2.0/24'] }, undefined, ''],
    [{ depth: 1, ipv6Subnet: 64 }, '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
    [{ depth: 1, ipv6Subnet: 128 }, '2001:0db8::0001', '2001:db8::1'],
    [{ depth: 1, ipv6Subnet: 64 }, '1.1.1.1', '1.1.1.1'],
    [{ depth: 1, ipv6Subnet: 64 }, 'odd', 'odd'],
    [{ ipv6Subnet: 64 }, undefined, '127.0.0.1'],
  ]
  for (const [options, forwardedFor, expected] of table)
    assert.equal(addressOf(options, forwardedFor), expected, JSON.stringify([options, forwardedFor]))
  assert.equal(addressOf({ ipv6Subnet: 48 }, undefined, '2001:db8:1:2::9'), '2001:db8:1::')
})

test('R18 addresses with ports are understood, brackets only with one', () => {
  const set = buildIpSet(['203.0.113.0/24', '2001:db8::/32'])
  const table: readonly (readonly [string, boolean])[] = [
    ['203.0.113.7', true],
    ['203.0.113.7:4711', true],
    ['203.0.113.7x', false],
    ['203.0.113.0/24', false],
    ['[203.0.113.7]', false],
    ['[203.0.113.7]:80', true],
    ['2001:0DB8:0:0::00ff', true],
    ['[2001:db8::1]:443', true],
    ['[2001:db8::1]', false],
    ['2001:db9::1', false],
    ['', false],
    [':80', false],
    ['unknown', false],
  ]
  for (const [address, expected] of table) assert.equal(holdsAddress(set, address), expected, address)
  assert.throws(() => buildIpSet(['nonsense']), /nonsense/)
})
