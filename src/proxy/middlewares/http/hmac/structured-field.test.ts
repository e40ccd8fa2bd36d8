import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseDictionary } from './structured-field.ts'

describe('dictionaries of structured fields', () => {
  it('are read', () => {
    const members = parseDictionary('a=("x" "y\\"z" );created=1;keyid="k k";t=tok, b=:AA==: ,\tc=()')
    assert.ok(members !== null)
    assert.deepEqual([...members.keys()], ['a', 'b', 'c'])
    const a = members.get('a')
    assert.deepEqual(
      [a?.items, [...(a?.parameters ?? [])]],
      [
        ['x', 'y"z'],
        [
          ['created', 1],
          ['keyid', 'k k'],
          ['t', 'tok'],
        ],
      ],
    )
    assert.equal(a?.text, '("x" "y\\"z" );created=1;keyid="k k";t=tok')
    assert.deepEqual([members.get('b')?.bytes, members.get('b')?.items, members.get('c')?.items], ['AA==', null, []])
    assert.equal(parseDictionary('a=:AA==:, a=:BB==:')?.get('a')?.bytes, 'BB==')
  })

  for (const text of [
    'a',
    'A=()',
    'a=1',
    'a=(',
    'a=("x)',
    'a=("x""y")',
    'a=("x";b)',
    'a=(x)',
    'a=();',
    'a=();b',
    'a=();b=1.5',
    'a=() b=()',
    'a=(),',
    ',',
    'a=:*:',
  ]) {
    it(`refuse ${text}`, () => assert.equal(parseDictionary(text), null))
  }

  it('R38 are read or refused, whatever they are', () => {
    const pieces = fc.constantFrom('a', '=', '(', ')', '"', '\\', ';', ',', ' ', ':', '1', '.', 'x')
    fc.assert(fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => assert.ok(parseDictionary(parts.join('')) !== undefined)))
  })
})
