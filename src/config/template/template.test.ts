import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { TemplateError } from './error.ts'
import { parseTemplate, type TemplateOptions } from './template.ts'
import type { PlainValue } from './value.ts'

const host = {
  nowMs: () => Date.parse('2026-01-02T03:04:05Z'),
  randomBytes: (size: number) => new Uint8Array(size).fill(7),
  env: (name: string) => (name === 'GOLDEN_A' ? 'val' : undefined),
  timeZone: 'UTC',
}

function render(text: string, data: PlainValue = false, options: Partial<TemplateOptions> = {}): string {
  return parseTemplate(text, { name: 'f.yml', allowEnv: true, host, ...options }).execute(data)
}

function fault(text: string, data: PlainValue = false, options: Partial<TemplateOptions> = {}): TemplateError {
  try {
    render(text, data, options)
  } catch (error) {
    assert.ok(error instanceof TemplateError)
    return error
  }
  return assert.fail(`${text} does not fail`)
}

// What Go's text/template with sprig's functions gives; null where it fails.
const answers: [string, string | null][] = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/template-answers.json', import.meta.url), 'utf8'),
)

test('gives what Go gives', () => {
  assert.ok(answers.length > 700)
  for (const [text, expected] of answers) {
    if (expected === null) assert.throws(() => render(text), TemplateError, text)
    else assert.equal(render(text), expected, text)
  }
})

const faults: readonly [text: string, message: string][] = [
  ['a\n  {{ nosuch }}', 'template: f.yml:2:6: function "nosuch" not defined'],
  ['{{ if true }}', 'template: f.yml:1:1: unexpected EOF: {{if}} without {{end}}'],
  ['{{ end }}', 'template: f.yml:1:4: unexpected {{end}}'],
  ['é {{ "x }}', 'template: f.yml:1:6: unterminated quoted string'],
  ['{{ $x }}', 'template: f.yml:1:4: undefined variable "$x"'],
  ['{{ .x }}', 'template: f.yml:1:4: executing "f.yml" at <.x>: can\'t evaluate field x in type bool'],
  ['{{ fail "é" }}', 'template: f.yml:1:4: executing "f.yml" at <fail "é">: error calling fail: é'],
  ['{{ define "t" }}{{ upper 1 }}{{ end }}\n{{ template "t" }}', 'template: f.yml:1:26: executing "t" at <1>: expected string; found 1'],
  ['{{ genCA "x" 1 }}', 'template: f.yml:1:4: function "genCA" not defined: it is one of sprig\'s that are left out here'],
]

for (const [text, message] of faults)
  test(`says what is wrong with ${JSON.stringify(text)}`, () => assert.equal(fault(text).message, message))

test('a fault carries its place and its reason', () => {
  const { file, line, column, reason } = fault('\n {{ upper }}')
  assert.deepEqual({ file, line, column }, { file: 'f.yml', line: 2, column: 5 })
  assert.match(reason, /wrong number of args for upper: want 1 got 0$/)
})

const withData: readonly [text: string, data: PlainValue, expected: string][] = [
  ['Host(`{{ normalize .Name }}`)', { Name: 'my app/1', Labels: new Map(), ContainerName: 'c' }, 'Host(`my-app-1`)'],
  ['{{ index .Labels "a.b" }}|{{ index .Labels "none" }}', { Labels: new Map([['a.b', 'x']]) }, 'x|'],
  [
    '{{ range $k, $v := .Labels }}{{ $k }}={{ $v }};{{ end }}',
    {
      Labels: new Map([
        ['b', '2'],
        ['a', '1'],
      ]),
    },
    'a=1;b=2;',
  ],
  ['{{ .list }} {{ .number }} {{ .big }} {{ .none }}', { list: ['a', 1.5], number: 3, big: 5n, none: null }, '[a 1.5] 3 5 <no value>'],
  ['{{ . }}', null, '<no value>'],
  ['{{ len . }}{{ upper . }}', 'é', '2É'],
]

for (const [text, data, expected] of withData) test(`renders data into ${text}`, () => assert.equal(render(text, data), expected))

test('data never reaches prototypes', () => {
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'prototype']) {
    assert.equal(render(`{{ .${name} }}`, {}), '<no value>')
    assert.equal(render(`{{ index . "${name}" | print }}`, new Map()), '')
    assert.equal(
      render(`{{ $d := dict "${name}" 1 }}{{ $d.${name} }}{{ (set (dict) "${name}" 2).${name} }}{{ get (dict) "${name}" }}`),
      '12',
    )
    assert.equal(fault(`{{ (now).${name} }}`).reason.endsWith(`can't evaluate field ${name} in type time.Time`), true)
    if (name !== 'toString') assert.match(fault(`{{ ${name} }}`).message, /not defined/)
    assert.equal(render(`{{ (fromJson "{\\"${name}\\": 1}").${name} }}`), '1')
  }
  assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false)
})

test('a record has only its fields', () => {
  const options = { dataIsRecord: true }
  assert.equal(render('{{ .Name }}', { Name: 'n' }, options), 'n')
  assert.match(fault('{{ .Nope }}', { Name: 'n' }, options).message, /can't evaluate field Nope/)
})

test('without the environment a template that asks for it is refused', () => {
  assert.match(fault('{{ env "HOME" }}', false, { allowEnv: false }).message, /function "env" not defined/)
  assert.match(fault('{{ expandenv "$HOME" }}', false, { allowEnv: false }).message, /function "expandenv" not defined/)
})

test('functions of the caller get and give plain values', () => {
  const functions = {
    shout: (text: PlainValue, count: PlainValue): PlainValue => `${typeof text === 'string' ? text : ''}${'!'.repeat(Number(count))}`,
    pair: (): PlainValue => ['é', 2n],
  }
  assert.equal(render('{{ shout "é" 2 }} {{ index pair 0 | len }} {{ index pair 1 }}', false, { functions }), 'é!! 2 2')
})

test('text without actions passes as it is', () => {
  assert.equal(render('a: {b: "${x}"} }} é\ufeff'), 'a: {b: "${x}"} }} é\ufeff')
})

const fromHost: readonly [text: string, expected: string][] = [
  ['{{ now | date "2006-01-02 15:04" }}', '2026-01-02 03:04'],
  ['{{ now | unixEpoch }}', '1767323045'],
  ['{{ ago (int64 1767323000) }}', '45s'],
  ['{{ now | dateModify "-1h" | date "15:04" }}', '02:04'],
  ['{{ uuidv4 }}', '07070707-0707-4707-8707-070707070707'],
  ['{{ randAlpha 4 | len }}{{ randNumeric 3 | len }}{{ randAscii 2 | len }}{{ randAlphaNum 1 | len }}', '4321'],
  ['{{ randBytes 3 }}', 'BwcH'],
  ['{{ randInt 3 4 }}', '3'],
  ['{{ encryptAES "k" "text" | decryptAES "k" }}', 'text'],
  ['{{ htpasswd "u" "p" | trunc 9 }}{{ bcrypt "p" | len }}', 'u:$2a$10$60'],
  ['{{ sha512sum "x" | trunc 8 }}', 'a4abd444'],
  ['{{ keys (dict "b" 1 "a" 2) }}{{ values (dict "b" 1 "a" 2) }}', '[a b][2 1]'],
]

for (const [text, expected] of fromHost) test(`takes time and randomness from outside: ${text}`, () => assert.equal(render(text), expected))

const bounded: readonly [name: string, text: string][] = [
  ['a long loop', '{{ range until 1000000000 }}{{ end }}'],
  ['loops in loops', '{{ range until 3000 }}{{ range until 3000 }}{{ range until 3000 }}{{ end }}{{ end }}{{ end }}'],
  ['an integer loop', '{{ range 1000000000000 }}{{ end }}'],
  ['a template that calls itself', '{{ define "x" }}{{ template "x" }}{{ end }}{{ template "x" }}'],
  ['a long text', '{{ repeat 1000000000 "x" }}'],
  ['a text that doubles', '{{ $s := "x" }}{{ range until 60 }}{{ $s = print $s $s }}{{ end }}'],
  ['a list that doubles', '{{ $l := list 1 }}{{ range until 60 }}{{ $l = concat $l $l }}{{ end }}'],
  ['a list of lists that doubles when it is printed', '{{ $l := list 1 }}{{ range until 60 }}{{ $l = list $l $l }}{{ end }}{{ $l }}'],
  ['the same as JSON', '{{ $l := list 1 }}{{ range until 60 }}{{ $l = list $l $l }}{{ end }}{{ toJson $l }}'],
  [
    'the same compared',
    '{{ $l := list 1 }}{{ $m := list 1 }}{{ range until 60 }}{{ $l = list $l $l }}{{ $m = list $m $m }}{{ end }}{{ deepEqual $l $m }}',
  ],
  ['a map that holds itself', '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $d }}'],
  ['such a map as JSON', '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ toPrettyJson $d }}'],
  ['such a map copied', '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ deepCopy $d | len }}'],
  ['such maps merged', '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $e := dict }}{{ $_ := set $e "d" $e }}{{ merge $d $e | len }}'],
  ['wide padding', '{{ range until 100 }}{{ printf "%999999d" 1 }}{{ end }}'],
  ['much output', '{{ $s := repeat 1000000 "x" }}{{ range until 100 }}{{ $s }}{{ end }}'],
  ['many random characters', '{{ randAlpha 1000000000 }}'],
  ['many password hashes', '{{ range until 1000 }}{{ $_ := bcrypt "x" }}{{ end }}'],
  ['a wide indentation', '{{ $s := repeat 100000 "\\n" }}{{ indent 100000 $s }}'],
  ['many replacements', '{{ $s := repeat 100000 "a" }}{{ replace "a" $s $s }}'],
  ['a sequence', '{{ seq 1000000000 }}'],
  ['deep parentheses', `{{ ${'('.repeat(5000)}1${')'.repeat(5000)} }}`],
  ['deep blocks', `${'{{ if true }}'.repeat(5000)}${'{{ end }}'.repeat(5000)}`],
  ['deep JSON', `{{ fromJson (print (repeat 5000 "[") (repeat 5000 "]")) | toJson | len | print | fail }}`],
]

for (const [name, text] of bounded) {
  test(`bounds ${name}`, () => {
    assert.ok(fault(text, false, { limits: { outputBytesMax: 4_000_000, stepsMax: 300_000 } }).message.length < 1000)
  })
}

test('limits are counted anew for each execution', () => {
  const template = parseTemplate('{{ range until 50 }}x{{ end }}', { name: 't', allowEnv: false, limits: { stepsMax: 200 } })
  for (let i = 0; i < 10; i++) assert.equal(template.execute(false), 'x'.repeat(50))
})

test('each place of the result leads back to the template', () => {
  const text = 'é: {{/* c */}}\n{{- /* d */ -}} a\n{{ range until 2 }}  k{{ . }}: v\n{{ end }}end'
  const rendered = parseTemplate(text, { name: 't', allowEnv: false }).render(false)
  assert.equal(rendered.text, 'é: a\n  k0: v\n  k1: v\nend')
  const places: readonly [line: number, column: number, sourceLine: number, sourceColumn: number][] = [
    [1, 1, 1, 1],
    [1, 4, 2, 17],
    [2, 3, 3, 22],
    [3, 4, 3, 23],
    [3, 5, 3, 30],
    [4, 2, 4, 11],
    [99, 1, 4, 13],
  ]
  for (const [line, column, sourceLine, sourceColumn] of places) {
    assert.deepEqual(rendered.sourceOf({ line, column }), { line: sourceLine, column: sourceColumn })
  }
})

test('a text without actions is its own source', () => {
  const rendered = parseTemplate('a\nb', { name: 't', allowEnv: false }).render(false)
  assert.equal(rendered.text, 'a\nb')
  assert.deepEqual(rendered.sourceOf({ line: 2, column: 1 }), { line: 2, column: 1 })
})

test('gives the header values that were recorded of Traefik', () => {
  const url = new URL('../../../test/golden/fixtures/router/operations-file-templates.json', import.meta.url)
  const recording: { routingText: string; cases: { expect: { seen?: { headers?: [string, string][] }[] }[] }[] } = JSON.parse(
    readFileSync(url, 'utf8'),
  )
  const recorded = recording.cases[1]?.expect[0]?.seen?.[0]?.headers ?? []
  const env = (name: string): string | undefined => ({ GOLDEN_HOST: 'env.local', GOLDEN_LIST: 'l1,l2,l3' })[name]
  const rendered = render(recording.routingText, false, { host: { ...host, env } })
  const facts = recorded.filter(([name]) => /^x-(?!forwarded|real)/.test(name))
  assert.ok(facts.length > 15)
  for (const [name, value] of facts) {
    const line = rendered.split('\n').find((each) => each.trim().toLowerCase().startsWith(`${name}: `)) ?? ''
    const written = line.slice(line.indexOf(': ') + 2)
    // The quotes are YAML's.
    const plain = /^["'].*["']$/.test(written) ? written.slice(1, -1) : written
    // Headers lose the spaces around their values on the way.
    assert.equal(plain.trim(), value)
  }
})
