import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testMiddlewarePlan } from '../../test/support/middleware-context.ts'
import type { ControlRequest } from '../generation/messages.ts'
import { middlewareAction } from './middleware-actions.ts'

const name = 'away@file'

function request(method: string, body: string, more: Partial<ControlRequest> = {}): ControlRequest {
  return {
    target: 'api',
    method,
    path: '',
    query: '',
    headers: [],
    host: 'localhost:8080',
    remoteIp: '127.0.0.1',
    user: null,
    body: Buffer.from(body),
    ...more,
  }
}

describe('the switch of maintenance', () => {
  const plan = { ...testMiddlewarePlan(name, 'maintenance', { enabled: false }), shared: new SharedArrayBuffer(4) }
  const ask = (method: string, body = '', more: Partial<ControlRequest> = {}): readonly [number, string] => {
    const answer = middlewareAction(request(method, body, more), 'maintenance', name, plan)
    assert.ok(answer !== null)
    return [answer.status, String(answer.body).trim()]
  }

  it('is turned on, off and back to what is configured', () => {
    assert.deepEqual(ask('GET'), [200, '{"enabled":false}'])
    assert.deepEqual(ask('PUT', '{"enabled": true}'), [200, '{"enabled":true}'])
    assert.deepEqual(ask('GET'), [200, '{"enabled":true}'])
    assert.deepEqual(ask('PUT', '{"enabled": false}'), [200, '{"enabled":false}'])
    assert.deepEqual(ask('PUT', '{"enabled": null}'), [200, '{"enabled":false}'])
  })

  it('is turned by those alone who may (R48)', () => {
    const body = '{"enabled": true}'
    assert.equal(ask('PUT', body, { remoteIp: '10.0.0.9' })[0], 403)
    assert.equal(ask('PUT', body, { host: 'rebound.example' })[0], 403)
    assert.equal(ask('PUT', body, { headers: [['Sec-Fetch-Site', 'cross-site']] })[0], 403)
    assert.deepEqual(ask('GET'), [200, '{"enabled":false}'])
    assert.equal(ask('PUT', body, { remoteIp: '10.0.0.9', user: 'admin' })[0], 200)
    assert.equal(ask('PUT', '{"enabled": null}')[0], 200)
  })

  it('refuses what it does not understand', () => {
    for (const body of ['', '[]', 'null', '{}', '{"enabled": 1}', '{']) assert.equal(ask('PUT', body)[0], 400, body)
    assert.equal(ask('DELETE')[0], 405)
  })

  it('is a thing of this kind alone', () => {
    const other = testMiddlewarePlan(name, 'addPrefix', {})
    assert.equal(middlewareAction(request('GET', ''), 'maintenance', name, other)?.status, 404)
    assert.equal(middlewareAction(request('GET', ''), 'maintenance', name, null)?.status, 404)
    assert.equal(middlewareAction(request('GET', ''), 'other', name, plan), null)
  })
})
