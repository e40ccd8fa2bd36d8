import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testExchange } from '../../../test/support/upstream-rig.ts'
import type { StickyPlan } from '../../generation/plan.ts'
import { Sticky, stickyValue } from './sticky.ts'

const plain: StickyPlan = { name: 's', secure: false, httpOnly: false, sameSite: '', maxAge: 0, path: '/', domain: '' }
const targets = [
  { name: 'ca', target: 'a' },
  { name: 'cb', target: 'b' },
]

function setCookieOf(plan: Partial<StickyPlan>): string | undefined {
  const { exchange } = testExchange()
  new Sticky({ ...plain, ...plan }, targets).assign(exchange, 'a')
  return exchange.responseHeaders.get('set-cookie')
}

describe('Sticky', () => {
  it('makes values of names and URLs', () => {
    assert.equal(stickyValue('ca'), '6959097001d10501')
    assert.equal(stickyValue('http://127.0.0.1:1'), '10d8eb39449320b2')
    assert.equal(stickyValue('HTTP://127.0.0.1:1/x'), '533f4336a60a738e')
  })

  const attributes: [string, Partial<StickyPlan>, string][] = [
    ['path alone', {}, '; Path=/'],
    ['httpOnly', { httpOnly: true }, '; Path=/; HttpOnly'],
    ['secure', { secure: true }, '; Path=/; Secure'],
    ['sameSite none', { sameSite: 'none' }, '; Path=/; SameSite=None'],
    ['sameSite lax', { sameSite: 'lax' }, '; Path=/; SameSite=Lax'],
    ['sameSite in other case', { sameSite: 'STRICT' }, '; Path=/; SameSite=Strict'],
    ['an unknown sameSite', { sameSite: 'sometimes' }, '; Path=/'],
    ['maxAge', { maxAge: 3600 }, '; Path=/; Max-Age=3600'],
    ['a negative maxAge', { maxAge: -1 }, '; Path=/; Max-Age=0'],
    ['characters that end an attribute', { path: '/a;b' }, '; Path=/ab'],
    ['a domain', { domain: 'example.com' }, '; Path=/; Domain=example.com'],
    ['a leading dot of the domain', { domain: '.example.com' }, '; Path=/; Domain=example.com'],
    ['a bad domain', { domain: 'exa mple' }, '; Path=/'],
    [
      'everything',
      { path: '/p', domain: 'x.org', maxAge: 60, httpOnly: true, secure: true, sameSite: 'none' },
      '; Path=/p; Domain=x.org; Max-Age=60; HttpOnly; Secure; SameSite=None',
    ],
  ]
  for (const [name, plan, text] of attributes) {
    it(`writes ${name}`, () => {
      assert.equal(setCookieOf(plan), `s=6959097001d10501${text}`)
    })
  }

  const cookies: [string, string[], string | null, boolean?][] = [
    ['a good value', ['s=103d6254a6d94bac'], 'b', false],
    ['a quoted value', ['s="103d6254a6d94bac"'], 'b', false],
    ['the plain name', ['s=cb'], 'b', true],
    ['the old FNV value', ['s=8326507b4eb3416'], 'b', true],
    ['the old double FNV value', ['s=fd49abc076bf316b'], 'b', true],
    ['the first of two', ['s=103d6254a6d94bac; s=6959097001d10501'], 'b', false],
    ['one among others', ['a=1; s=103d6254a6d94bac; z=2'], 'b', false],
    ['one in a second line', ['a=1', 's=103d6254a6d94bac'], 'b', false],
    ['spaces around it', ['  s=103d6254a6d94bac  ;x=1'], 'b', false],
    ['another name', ['S=103d6254a6d94bac'], null],
    ['a name that ends alike', ['xs=103d6254a6d94bac'], null],
    ['a name that begins alike', ['s2=103d6254a6d94bac'], null],
    ['an unknown value', ['s=0000000000000000'], null],
    ['an empty value', ['s='], null],
    ['no value', ['s'], null],
    ['no cookie', [], null],
  ]
  for (const [name, lines, target, renew] of cookies) {
    it(`finds ${name}: ${target}`, () => {
      const { exchange } = testExchange({ headers: lines.map((line) => ['Cookie', line] as const) })
      const entry = new Sticky(plain, targets).find(exchange)
      assert.equal(entry?.target ?? null, target)
      if (entry !== null) assert.equal(entry.renew, renew)
    })
  }
})
