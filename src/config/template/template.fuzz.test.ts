/** Templates made of whatever comes: they give a text or a TemplateError, within the steps allowed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TemplateError } from './error.ts'
import { allFunctions } from './sprig.ts'
import { parseTemplate } from './template.ts'
import type { ParameterType } from './value.ts'

const limits = { outputBytesMax: 100_000, stepsMax: 20_000 }
// Hashes are slow by design; they have their own test.
const functions = [...allFunctions].filter(([name]) => name !== 'bcrypt' && name !== 'htpasswd')

const texts = [
  '""',
  '"a,b"',
  '"é\\n"',
  '`x"`',
  '"2006-01-02"',
  '"{\\"a\\":[1]}"',
  '"%v %5d %-*q %[2]x"',
  '"a(b*)"',
  '"Foo_barBaz 9z"',
  '"http://u@h:1/p?q#f"',
  '"^1.2 || >3"',
  '"1.5"',
  '"\\xff\\xc3"',
]
const integers = ['0', '1', '-3', '7', '64', "'c'", '9223372036854775807']
const lists = ['(list 1 "a" nil)', '(until 5)', '(list (list) (dict))', '(split "b,a" ",")']
const maps = ['(dict "a" 1 "b" (list))', '(dict)', '(fromJson "{}")']
const values = [...texts, ...integers, ...lists, ...maps, '2.5', '1e9', 'true', 'nil', '.', '$', '.a', '.m.k', 'now', '(semver "1.2.3")']

const fitting: Readonly<Record<ParameterType, readonly string[]>> = {
  any: values,
  string: texts,
  int: integers,
  int64: integers,
  uint32: integers,
  float64: ['1.5', '0', '-2.25e3'],
  bool: ['true', 'false', '(eq 1 1)'],
  map: maps,
  list: lists,
  time: ['now', '(toDate "2006-01-02" "2020-02-29")'],
  version: ['(semver "1.2.3-x.1")'],
}

const argument = fc.constantFrom(...values)
const argumentOf = (type: ParameterType): fc.Arbitrary<string> =>
  fc.oneof({ arbitrary: fc.constantFrom(...fitting[type]), weight: 9 }, argument)
const call = fc
  .constantFrom(...functions)
  .chain(([name, { parameters, rest }]) =>
    fc
      .tuple(fc.tuple(...parameters.map(argumentOf)), rest === undefined ? fc.constant([]) : fc.array(argumentOf(rest), { maxLength: 3 }))
      .map(([fixed, more]) => [name, ...fixed, ...more].join(' ')),
  )
const nested = fc
  .tuple(
    fc.constantFrom(...functions),
    fc.array(
      fc.oneof(
        argument,
        call.map((text) => `(${text})`),
      ),
      { maxLength: 4 },
    ),
  )
  .map(([[name], args]) => [name, ...args].join(' '))
const pipeline = fc.array(fc.oneof(argument, call, nested), { minLength: 1, maxLength: 3 }).map((commands) => commands.join(' | '))
const action = fc.oneof(
  pipeline.map((text) => `{{ ${text} }}`),
  pipeline.map((text) => `{{- $x := ${text} -}}{{ $x }}`),
  pipeline.map((text) => `{{ range $x := ${text} }}{{ . }}{{ else }}-{{ end }}`),
  pipeline.map((text) => `{{ if ${text} }}{{ . }}{{ else with ${text} }}{{ . }}{{ end }}`),
  pipeline.map((text) => `{{ with ${text} }}{{ .Year }}{{ end }}`),
  pipeline.map((text) => `{{ define "t" }}${text}{{ end }}{{ template "t" ${text} }}`),
)
const fragments = fc.array(
  fc.constantFrom(
    '{{',
    '}}',
    '{{-',
    '-}}',
    ' ',
    '\n',
    '(',
    ')',
    '|',
    '"',
    '`',
    "'",
    '\\',
    '$',
    '.',
    ',',
    ':=',
    '=',
    '/*',
    '*/',
    'if',
    'else',
    'end',
    'range',
    'with',
    'define',
    'template',
    'block',
    'break',
    'continue',
    'nil',
    'x',
    '1',
    '-',
    'é',
    '\0',
    '\ud800',
  ),
  { maxLength: 30 },
)

const data = { a: 'x', m: { k: [1, null, { z: true }] } }

function survives(text: string): void {
  try {
    const result = parseTemplate(text, { name: 'fuzz', allowEnv: true, limits }).execute(data)
    assert.ok(Buffer.byteLength(result, 'utf8') <= 3 * limits.outputBytesMax)
  } catch (error) {
    // Anything else is a fault of ours.
    if (!(error instanceof TemplateError)) throw error
    assert.equal(error.file, 'fuzz')
    assert.doesNotMatch(error.message, /Maximum call stack|Cannot read prop|is not a function|undefined \(/)
  }
}

test('calls of any function with any arguments', () => {
  fc.assert(
    fc.property(fc.array(action, { minLength: 1, maxLength: 3 }), (actions) => survives(actions.join('\n'))),
    { numRuns: 4000 },
  )
})

test('any sequence of what means something', () => {
  fc.assert(
    fc.property(fragments, (parts) => survives(parts.join(''))),
    { numRuns: 4000 },
  )
})

test('any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => survives(`{{ ${text}`)),
    { numRuns: 2000 },
  )
})
