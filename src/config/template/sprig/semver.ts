/** Sprig's functions for semantic versions. */
import { fn, table, type TemplateFunctions } from '../call.ts'
import { parseVersion, satisfies } from '../go-version.ts'

/** Functions that read and compare versions. */
export const semverFunctions: TemplateFunctions = table({
  semver: fn(['string'], (_, text) => parseVersion(text)),
  semverCompare: fn(['string', 'string'], (_, constraints, text) => satisfies(parseVersion(text), constraints)),
})
