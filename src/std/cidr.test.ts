import assert from 'node:assert/strict'
import { BlockList, isIP } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { buildCidrSet, formatIp, parseCidr, parseIp, parseIpOrCidr } from './cidr.ts'

const addresses: readonly (readonly [text: string, printed: string | undefined])[] = [
  ['127.0.0.1', '127.0.0.1'],
  ['255.255.255.255', '255.255.255.255'],
  ['0.0.0.0', '0.0.0.0'],
  ['01.2.3.4', undefined],
  ['1.2.3.256', undefined],
  ['1.2.3', undefined],
  ['1.2.3.4.5', undefined],
  ['1.2.3.', undefined],
  ['.1.2.3', undefined],
  ['1..2.3', undefined],
  [' 1.2.3.4', undefined],
  ['1.2.3.4%eth0', undefined],
  ['', undefined],
  ['localhost', undefined],
  ['::', '::'],
  ['::1', '::1'],
  ['1::', '1::'],
  ['2001:DB8::0:1', '2001:db8::1'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
  ['1:2:3:4::5:6:7:8', undefined],
  ['1:2:3:4:5:6:7:8:9', undefined],
  ['1:2:3:4:5:6:7', undefined],
  ['1::2::3', undefined],
  [':::', undefined],
  [':', undefined],
  [':1', undefined],
  ['1:', undefined],
  ['::12345', undefined],
  ['::g', undefined],
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['::ffff:0102:0304', '1.2.3.4'],
  ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
  ['::1.2.3', undefined],
  ['1:2:3:4:5:6:7:1.2.3.4', undefined],
  ['fe80::1%eth0', 'fe80::1'],
  ['fe80::1%', undefined],
  ['[::1]', undefined],
]

for (const [text, printed] of addresses) {
  test(`address ${JSON.stringify(text)} is ${printed ?? 'none'}`, () => {
    const address = parseIp(text)
    assert.equal(address === undefined ? undefined : formatIp(address), printed)
  })
}

const ranges: readonly (readonly [text: string, printed: string | undefined])[] = [
  ['10.0.0.0/8', '10.0.0.0-10.255.255.255/8'],
  ['127.0.1.77/24', '127.0.1.0-127.0.1.255/24'],
  ['1.2.3.4/32', '1.2.3.4-1.2.3.4/32'],
  ['0.0.0.0/0', '0.0.0.0-255.255.255.255/0'],
  ['10.0.0.0/33', undefined],
  ['10.0.0.0/', undefined],
  ['10.0.0.0', undefined],
  ['10.0.0.0/8/8', undefined],
  ['10.0.0.0/-1', undefined],
  ['10.0.0.0/ 8', undefined],
  ['::/0', '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/0'],
  ['2001:db8::/32', '2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/32'],
  ['::1/129', undefined],
  ['fe80::1%eth0/64', undefined],
  ['::ffff:10.0.0.0/104', '10.0.0.0-10.255.255.255/8'],
  ['localhost/8', undefined],
]

for (const [text, printed] of ranges) {
  test(`range ${JSON.stringify(text)} is ${printed ?? 'none'}`, () => {
    const range = parseCidr(text)
    assert.equal(range && `${formatIp(range.first)}-${formatIp(range.last)}/${range.bits}`, printed)
  })
}

test('a lone address is a range of one, and a zone is none', () => {
  assert.equal(parseIpOrCidr('1.2.3.4')?.bits, 32)
  assert.equal(parseIpOrCidr('::1')?.bits, 128)
  assert.equal(parseIpOrCidr('1.2.3.0/24')?.bits, 24)
  assert.equal(parseIpOrCidr('fe80::1%eth0'), undefined)
  assert.equal(parseIpOrCidr('1.2.3.4,5.6.7.8'), undefined)
})

function setOf(...texts: string[]): ReturnType<typeof buildCidrSet> {
  return buildCidrSet(texts.map((text) => parseIpOrCidr(text) ?? assert.fail()))
}

const memberships: readonly (readonly [ranges: readonly string[], ip: string, expected: boolean])[] = [
  [['10.0.0.0/8'], '10.1.2.3', true],
  [['10.0.0.0/8'], '11.0.0.0', false],
  [['0.0.0.0/0'], '1.2.3.4', true],
  [['0.0.0.0/0'], '::1', false],
  [['::/0'], '1.2.3.4', false],
  [['::/0'], '::1', true],
  [['::ffff:127.0.0.2'], '127.0.0.2', true],
  [['127.0.0.2'], '::ffff:127.0.0.2', true],
  [['fe80::/10'], 'fe80::1%eth0', true],
  [['1.0.0.0/8', '2.0.0.0/8'], 'not an address', false],
  [[], '1.2.3.4', false],
]

for (const [texts, ip, expected] of memberships) {
  test(`[${texts.join(' ')}] ${expected ? 'holds' : 'does not hold'} ${ip}`, () => assert.equal(setOf(...texts).contains(ip), expected))
}

test('overlapping and adjacent ranges are merged', () => {
  assert.equal(setOf('10.0.0.0/9', '10.128.0.0/9', '10.1.0.0/16', '255.255.255.255', '255.0.0.0/8', '::/0', 'fe80::/10').size, 3)
})

test('parsing agrees with node:net on anything that looks like an address', () => {
  const part = fc.constantFrom('0', '1', '01', 'a', 'ffff', '12345', '255', '256', ':', '::', '.', '1.2.3.4', '1:2:3')
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
        fc.ipV4(),
        fc.ipV6(),
      ),
      (text) => {
        assert.equal(parseIp(text) !== undefined, isIP(text) !== 0)
      },
    ),
    { numRuns: 2000 },
  )
})

test('a set answers as a linear scan does', () => {
  const range = fc.oneof(
    fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([ip, bits]) => `${ip}/${bits}`),
    fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })).map(([ip, bits]) => `${ip}/${bits}`),
  )
  fc.assert(
    fc.property(fc.array(range, { maxLength: 20 }), fc.oneof(fc.ipV4(), fc.ipV6()), (texts, ip) => {
      // One list a family: BlockList by itself looks for IPv4 addresses in ranges of IPv6.
      const lists = { ipv4: new BlockList(), ipv6: new BlockList() }
      const family = (text: string): 'ipv4' | 'ipv6' => (text.includes(':') ? 'ipv6' : 'ipv4')
      for (const text of texts) {
        const [address = '', bits = ''] = text.split('/')
        lists[family(text)].addSubnet(address, Number(bits), family(text))
      }
      // Mapped addresses have cases of their own above.
      fc.pre(![...texts, ip].some((text) => family(text) === 'ipv6' && parseIp(text.split('/')[0] ?? '')?.family === 4))
      assert.equal(setOf(...texts).contains(ip), lists[family(ip)].check(ip, family(ip)))
    }),
    { numRuns: 500 },
  )
})
