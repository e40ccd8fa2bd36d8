/** What the API can do to middlewares: `PUT …/{name}/maintenance` turns `maintenance` on and off until it is turned again or the process ends. */
import { isSwitchedOn, turnSwitch } from '../board/maintenance-switch.ts'
import type { ControlRequest, ControlResponse } from '../generation/messages.ts'
import type { MiddlewarePlan } from '../generation/plan.ts'
import { refusal } from './caller.ts'
import { json, jsonError, methodNotAllowed } from './responses.ts'

/** The answer to a request for an action on a middleware, whose plan is null when there is none of this name; null when there is no such action. */
export function middlewareAction(
  request: ControlRequest,
  action: string,
  name: string,
  plan: MiddlewarePlan | null,
): ControlResponse | null {
  if (action !== 'maintenance') return null
  if (plan === null || plan.kind !== 'maintenance' || plan.shared === null)
    return jsonError(404, `maintenance middleware not found: ${name}`)
  const cell = new Int32Array(plan.shared)
  if (request.method === 'PUT') {
    const refused = refusal(request, `a change of ${name}`)
    if (refused !== null) return jsonError(403, refused)
    const enabled = wantedState(request)
    if (enabled === undefined)
      return jsonError(400, 'the body is not {"enabled": true}, {"enabled": false} or {"enabled": null} (as configured)')
    turnSwitch(cell, enabled)
  } else if (request.method !== 'GET') {
    return methodNotAllowed()
  }
  return json({ enabled: isSwitchedOn(cell, isConfiguredOn(plan.options)) })
}

/** What the body asks for; undefined when it asks for nothing that can be. */
function wantedState(request: ControlRequest): boolean | null | undefined {
  let body: unknown
  try {
    body = JSON.parse(Buffer.from(request.body).toString('utf8'))
  } catch {
    return undefined
  }
  if (typeof body !== 'object' || body === null || !('enabled' in body)) return undefined
  const { enabled } = body
  return typeof enabled === 'boolean' || enabled === null ? enabled : undefined
}

function isConfiguredOn(options: unknown): boolean {
  return typeof options === 'object' && options !== null && 'enabled' in options && options.enabled === true
}
