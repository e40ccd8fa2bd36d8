/** Configurations for tests, decoded as the router does it. */
import assert from 'node:assert/strict'
import { type InstallConfiguration, installConfiguration } from '../../src/config/install/install.ts'
import { decodeRouting } from '../../src/config/routing/decode-routing.ts'
import type { RoutingConfiguration } from '../../src/config/routing/routing.ts'
import { decodeTree } from '../../src/config/schema/decode.ts'
import { readText } from '../../src/config/sources/text.ts'

/** A routing configuration from YAML text that must be sound. */
export function decodeForTest(text: string): RoutingConfiguration {
  const { routing, problems } = decodeRouting(text, 'yaml')
  assert.deepEqual(problems, [])
  assert.ok(routing !== undefined)
  return routing
}

/** An install configuration from YAML text that must be sound. */
export function installForTest(text: string): InstallConfiguration {
  const { tree, locate } = readText(text, 'yaml')
  const { value, problems } = decodeTree(installConfiguration, tree, { source: 'file', locate })
  assert.deepEqual(problems, [])
  return value
}
