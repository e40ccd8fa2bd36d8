import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { describe, it, type TestContext } from 'node:test'
import { checkMiddleware, MiddlewareRig, valuesOf } from '../../../../../test/support/middleware-rig.ts'
import { ManualClock } from '../../../../../test/support/upstream-rig.ts'
import { signatureBytes } from '../../../../config/routing/nonce-memory.ts'
import { TimerWheel } from '../../../../std/timer-wheel.ts'

const secret = 'a secret that is long enough for this'
const clock = new ManualClock()
const nowS = clock.now() / 1000

async function rigFor(t: TestContext, options: object = {}, shared = new SharedArrayBuffer(signatureBytes)): Promise<MiddlewareRig> {
  const rig = await MiddlewareRig.start({
    middlewares: [{ hmac: { keys: [`ann:${secret}`, `bob:${'b'.repeat(32)}`], ...options } }],
    context: { shared, wheel: new TimerWheel(clock) },
  })
  t.after(() => rig.close())
  return rig
}

interface Signing {
  readonly key?: string
  readonly label?: string
  readonly params?: string
  readonly lines?: readonly string[]
}

/** The fields of a signature over these lines, made by hand as RFC 9421 §2.5 has it. */
function signed({ key = secret, label = 'sig', params, lines }: Signing = {}): string {
  const covered = lines ?? ['"@method": GET', '"@authority": a.local', '"@path": /p', '"@query": ?x=1']
  const names = covered.map((line) => line.slice(0, line.indexOf('": ') + 1)).join(' ')
  const input = `(${names})${params ?? `;created=${nowS};keyid="ann"`}`
  const base = [...covered, `"@signature-params": ${input}`].join('\n')
  const mac = createHmac('sha256', key).update(base).digest('base64')
  return `Signature-Input: ${label}=${input}\nSignature: ${label}=:${mac}:`
}

const digestOf = (body: string): string => `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
const derived = ['"@method": POST', '"@authority": a.local', '"@path": /p', '"@query": ?x=1']

describe('hmac', () => {
  const good: readonly (readonly [string, string])[] = [
    ['that is signed', signed()],
    [
      'with more covered, in any order',
      `${signed({ lines: ['"x-a": 1, 2', '"@query": ?x=1', '"@target-uri": http://a.local/p?x=1', '"@path": /p', '"@request-target": /p?x=1', '"@scheme": http', '"@authority": a.local', '"@method": GET'] })}\nX-A: 1\nX-A:  2 `,
    ],
    ['with its algorithm and an end', signed({ params: `;created=${nowS};keyid="ann";alg="hmac-sha256";expires=${nowS + 1}` })],
    ['at the edge of the window', signed({ params: `;created=${nowS - 300};keyid="ann"` })],
    ['from a clock ahead', signed({ params: `;created=${nowS + 300};keyid="ann"` })],
  ]
  for (const [what, fields] of good) {
    it(`lets pass a request ${what}`, async (t) => {
      const answer = await (await rigFor(t)).ask(`GET /p?x=1\n${fields}`)
      assert.deepEqual([answer.status, answer.exchange?.username], [200, 'ann'])
    })
  }

  const bad: readonly (readonly [string, string, object?])[] = [
    ['without a signature', ''],
    ['signed with another secret', signed({ key: 'another secret that is long enough, too' })],
    ['of an unknown key', signed({ params: `;created=${nowS};keyid="eve"` })],
    ['of another key', signed({ params: `;created=${nowS};keyid="bob"` })],
    ['with another path', signed({ lines: ['"@method": GET', '"@authority": a.local', '"@path": /q', '"@query": ?x=1'] })],
    ['that covers too little', signed({ lines: ['"@method": GET', '"@path": /p', '"@query": ?x=1'] })],
    [
      'that covers something twice',
      signed({ lines: ['"@method": GET', '"@method": GET', '"@authority": a.local', '"@path": /p', '"@query": ?x=1'] }),
    ],
    [
      'that covers a header that is not there',
      signed({ lines: ['"@method": GET', '"@authority": a.local', '"@path": /p', '"@query": ?x=1', '"x-a": '] }),
    ],
    ['that is too old', signed({ params: `;created=${nowS - 301};keyid="ann"` })],
    ['from too far ahead', signed({ params: `;created=${nowS + 301};keyid="ann"` })],
    ['that has expired', signed({ params: `;created=${nowS};keyid="ann";expires=${nowS}` })],
    ['without its time', signed({ params: ';keyid="ann"' })],
    ['without its key', signed({ params: `;created=${nowS}` })],
    ['with another algorithm', signed({ params: `;created=${nowS};keyid="ann";alg="rsa-v1_5-sha256"` })],
    ['with two signatures', `${signed()}\n${signed({ label: 'other' })}`],
    ['with two labels', signed().replace('Signature: sig', 'Signature: other')],
    ['with something malformed', signed().replace('=(', '=[')],
    ['with a parameter on a component', signed().replace('"@query"', '"@query";req')],
  ]
  for (const [what, fields] of bad) {
    it(`refuses a request ${what}`, async (t) => {
      const answer = await (await rigFor(t)).ask(`GET /p?x=1${fields === '' ? '' : `\n${fields}`}`)
      assert.deepEqual([answer.status, answer.seen, valuesOf(answer, 'www-authenticate')], [401, null, ['Signature']])
      assert.deepEqual(valuesOf(answer, 'accept-signature'), [
        'sig=("@method" "@authority" "@path" "@query");created;keyid;alg="hmac-sha256"',
      ])
    })
  }

  it('takes a signature once, over all workers', async (t) => {
    const shared = new SharedArrayBuffer(signatureBytes)
    const [one, other] = [await rigFor(t, {}, shared), await rigFor(t, {}, shared)]
    const request = `GET /p?x=1\n${signed()}`
    assert.deepEqual([(await one.ask(request)).status, (await other.ask(request)).status, (await one.ask(request)).status], [200, 401, 401])
    const lenient = await rigFor(t, { allowReplay: true }, shared)
    assert.equal((await lenient.ask(request)).status, 200)
  })

  it('takes the signature that is asked for of several', async (t) => {
    const rig = await rigFor(t, { label: 'other' })
    assert.equal((await rig.ask(`GET /p?x=1\n${signed({ key: 'x' })}\n${signed({ label: 'other' })}`)).status, 200)
  })

  it('R17 tells the key in place of what the client sent', async (t) => {
    const rig = await rigFor(t, { headerField: 'X-Key', removeSignature: true })
    const { seen } = await rig.ask(`GET /p?x=1\nx_key: root\nX-Key: root\n${signed()}`)
    assert.deepEqual([valuesOf(seen, 'x-key'), valuesOf(seen, 'x_key'), valuesOf(seen, 'signature')], [['ann'], [], []])
  })
})

describe('hmac and bodies', () => {
  const withDigest = (body: string, digest: string): string =>
    `POST /p?x=1 HTTP/1.1\r\nHost: a.local\r\nContent-Digest: ${digest}\r\nContent-Length: ${body.length}\r\n${signed({
      lines: [...derived, `"content-digest": ${digest}`],
    }).replaceAll('\n', '\r\n')}\r\nConnection: close\r\n\r\n${body}`

  it('are passed on when their digest is signed and right', async (t) => {
    const rig = await rigFor(t, { allowReplay: true })
    assert.equal((await rig.send(withDigest('hello', digestOf('hello')))).status, 200)
    const sha512 = `sha-512=:${createHash('sha512').update('hello').digest('base64')}:`
    assert.equal((await rig.send(withDigest('hello', `${digestOf('hello')}, ${sha512}`))).status, 200)
    for (const digest of [digestOf('hullo'), `${digestOf('hullo')}, ${sha512}`, 'md5=:XUFAKrxLKna5cZ2REBfFkg==:', 'sha-256=?']) {
      const answer = await rig.send(withDigest('hello', digest))
      assert.deepEqual([answer.status, answer.seen], [401, null], digest)
    }
  })

  it('need a digest that is signed', async (t) => {
    const unsigned = `POST /p?x=1 HTTP/1.1\r\nHost: a.local\r\nContent-Digest: ${digestOf('hello')}\r\nContent-Length: 5\r\n${signed({ lines: derived }).replaceAll('\n', '\r\n')}\r\nConnection: close\r\n\r\nhello`
    assert.equal((await (await rigFor(t)).send(unsigned)).status, 401)
    assert.equal((await (await rigFor(t, { allowUnsignedBody: true })).send(unsigned)).status, 200)
  })

  it('may be no longer than the options say', async (t) => {
    const rig = await rigFor(t, { maxBodySize: 4 })
    assert.equal((await rig.send(withDigest('hello', digestOf('hello')))).status, 413)
  })
})

describe('options of hmac', () => {
  it('are checked, and tell no secret', () => {
    const keys = [`a:${'k'.repeat(32)}`]
    for (const [options, error] of [
      [{ keys: ['a:canary'] }, 'keys: the secret of a is shorter than 32 bytes'],
      [{ keys, components: [] }, 'components: a signature must cover something'],
      [{ keys, components: ['@status'] }, 'components: @status is neither a derived component that is known nor a header in lower case'],
      [{ keys, components: ['Date'] }, 'components: Date is neither a derived component that is known nor a header in lower case'],
      [{ keys, window: '2h' }, 'window: must be more than nothing and no more than an hour'],
    ] as const) {
      assert.equal(checkMiddleware({ hmac: options }).error, error)
    }
  })
})
