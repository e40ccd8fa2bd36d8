import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseRule } from './parser.ts'
import type { RouteEntry } from './route-table.ts'
import { buildTcpTableSteps, compareRoutes, isCatchAll, type TcpRouteTable } from './tcp-table.ts'
import { compileTcpMatcher } from './tcp.ts'

function entryOf(rule: string, slot: number, priority: bigint = BigInt(rule.length)): RouteEntry {
  return { slot, rule: parseRule(rule, { protocol: 'tcp', syntax: 'v3' }), priority, precedence: 0, name: `r${slot}` }
}

function tableOf(entries: readonly RouteEntry[]): TcpRouteTable {
  const steps = buildTcpTableSteps(entries)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

describe('TcpRouteTable', () => {
  const rules = [
    'HostSNI(`a.local`)',
    'HostSNI(`*.local`)',
    'HostSNI(`a.local`) && ClientIP(`10.0.0.0/8`)',
    'HostSNIRegexp(`^r[0-9]+\\.test$`)',
    'ALPN(`h2`) && HostSNI(`b.test`)',
    '!HostSNI(`c.test`) && ClientIP(`192.0.2.1`)',
  ]
  const table = tableOf([...rules.map((rule, slot) => entryOf(rule, slot)), entryOf('HostSNI(`*`)', 9, -1n)])
  const cases: [sni: string, clientIp: string, alpn: string[], slot: number][] = [
    ['a.local', '127.0.0.1', [], 0],
    ['a.local', '10.1.2.3', [], 2],
    ['b.local', '127.0.0.1', [], 1],
    ['x.y.local', '127.0.0.1', [], 9],
    ['r12.test', '127.0.0.1', [], 3],
    ['b.test', '127.0.0.1', ['http/1.1', 'h2'], 4],
    ['b.test', '127.0.0.1', [], 9],
    ['d.test', '192.0.2.1', [], 5],
    ['c.test', '192.0.2.1', [], 9],
    ['', '127.0.0.1', [], 9],
  ]
  for (const [sni, clientIp, alpn, slot] of cases)
    it(`${JSON.stringify(sni)} from ${clientIp} with [${alpn.join()}] goes to ${slot}`, () => {
      assert.equal(table.match({ sni, clientIp, alpn }), slot)
    })

  it('takes nobody where no rule does, and passes over unreadable ones', () => {
    const only = tableOf([entryOf('HostSNI(`a.local`)', 0), { ...entryOf('HostSNI(`b.local`)', 1), rule: null }])
    assert.equal(only.match({ sni: 'b.local', clientIp: '', alpn: [] }), -1)
    assert.equal(only.size, 2)
  })

  it('answers as a scan of all routes does', () => {
    const name = fc.constantFrom('a.x', 'b.x', 'c.a.x', 'x', 'a.y')
    const pattern = fc.constantFrom('a.x', 'b.x', '*.x', '*.a.x', '*', 'a.y')
    const rule = fc.oneof(
      pattern.map((host) => `HostSNI(\`${host}\`)`),
      fc.tuple(pattern, pattern).map(([one, other]) => `HostSNI(\`${one}\`) || HostSNI(\`${other}\`)`),
      fc.tuple(pattern, pattern).map(([one, other]) => `HostSNI(\`${one}\`) && !HostSNI(\`${other}\`)`),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(rule, fc.bigInt(0n, 3n)), { maxLength: 12 }), name, (routes, sni) => {
        const entries = routes.map(([text, priority], slot) => entryOf(text, slot, priority))
        const input = { sni, clientIp: '', alpn: [] }
        const first = entries.toSorted(compareRoutes).find((each) => each.rule !== null && compileTcpMatcher(each.rule)(input))
        assert.equal(tableOf(entries).match(input), first?.slot ?? -1)
      }),
    )
  })

  it('knows a lone catch-all', () => {
    const isAll = (text: string): boolean => isCatchAll(parseRule(text, { protocol: 'tcp', syntax: 'v3' }))
    assert.ok(isAll('HostSNI(`*`)'))
    for (const text of ['!HostSNI(`*`)', 'HostSNI(`*`) && ClientIP(`::1`)', 'HostSNI(`a`)', 'HostSNIRegexp(`.*`)'])
      assert.ok(!isAll(text), text)
  })
})
