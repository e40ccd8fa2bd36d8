import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type FieldName, FieldNames } from './syntax.ts'

const token = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'A', 'B', '-', '_', '1'), minLength: 1, maxLength: 70 })

function find(names: FieldNames, name: string, before: FieldName = names.first): FieldName {
  const bytes = Buffer.from(`: ${name}: `, 'latin1')
  return names.find(bytes, 2, 2 + name.length, before)
}

describe('FieldNames', () => {
  it('finds the name that is there, however often and after whatever others', () => {
    fc.assert(
      fc.property(fc.array(token, { minLength: 1, maxLength: 40 }), (tokens) => {
        const names = new FieldNames()
        for (const name of [...tokens, ...tokens.toReversed()]) {
          const found = find(names, name)
          assert.deepEqual([found.name, found.lower], [name, name.toLowerCase()])
        }
      }),
    )
  })

  it('keeps apart names of one place, up to two at a time and beyond', () => {
    const names = new FieldNames()
    // Alike in length, first, last, middle and second quarter.
    const alike = ['aXXaXaXXa', 'aYYaYaYYa', 'aZZaZaZZa', 'aXYaZaZYa'].map((name) => `${name.slice(0, 2)}a${name.slice(3)}`)
    for (let turn = 0; turn < 3; turn += 1) for (const name of alike) assert.equal(find(names, name).name, name)
    assert.equal(find(names, alike[0]!), find(names, alike[0]!))
  })

  it('remembers what came behind a name, but no long ones and no more than fit', () => {
    const names = new FieldNames()
    const a = find(names, 'a')
    assert.equal(find(names, 'b', a), a.next)
    const long = 'x'.repeat(65)
    assert.notEqual(find(names, long), find(names, long))
    assert.equal(names.first.next, a)
    for (let index = 0; index < 4096; index += 1) find(names, `name-${index}`)
    assert.notEqual(find(names, 'a'), a)
  })
})
