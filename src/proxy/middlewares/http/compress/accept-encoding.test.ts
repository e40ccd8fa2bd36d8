import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EncodingChoice } from './accept-encoding.ts'

describe('choice of an encoding', () => {
  const all = ['gzip', 'br', 'zstd']
  const table: readonly {
    readonly values: readonly string[]
    readonly chosen: string
    readonly offered?: readonly string[]
    readonly usual?: string
  }[] = [
    { values: [], chosen: '' },
    { values: [], usual: 'br', chosen: 'br' },
    { values: [''], usual: 'br', chosen: '' },
    { values: ['zstd, br, gzip, deflate'], chosen: 'gzip' },
    { values: ['gzip, br, zstd'], offered: ['zstd', 'gzip'], chosen: 'zstd' },
    { values: ['gzip;q=0.5, br;q=0.8, zstd;q=0.3'], chosen: 'br' },
    { values: ['gzip ; q=0.2 ,  br ; Q=0.7'], chosen: 'br' },
    { values: ['gzip;q=0, br'], chosen: 'br' },
    { values: ['gzip;q=high'], chosen: '' },
    { values: ['gzip;q='], chosen: '' },
    { values: ['gzip;q=-1'], chosen: '' },
    { values: ['GZip'], chosen: 'gzip' },
    { values: ['deflate', 'br'], chosen: 'br' },
    { values: ['*'], chosen: 'gzip' },
    { values: ['*'], usual: 'br', chosen: 'br' },
    { values: ['gzip, *'], usual: 'br', chosen: 'br' },
    { values: ['gzip;q=0, *'], chosen: 'br' },
    { values: ['*;q=0'], chosen: '' },
    { values: ['*;q=0.5, zstd'], chosen: 'zstd' },
    { values: ['identity, gzip'], chosen: 'gzip' },
    { values: ['identity, gzip;q=0.5'], chosen: '' },
    { values: [`gzip${' '.repeat(200)}`], chosen: 'gzip' },
  ]
  for (const { values, chosen, offered = all, usual = '' } of table) {
    it(`is ${chosen || 'none'} for ${JSON.stringify(values).slice(0, 60)} of ${offered.join('+')}${usual && `, ${usual} by default`}`, () => {
      const choice = new EncodingChoice(offered, usual)
      assert.deepEqual([choice.of(values), choice.of(values)], [chosen, chosen])
    })
  }
})
