import { GoInteger, GoList, GoMap, anyElement, isObject, type ParameterType, type Value } from './value.ts'

/** What a function or method accepts. */
export interface Parameters {
  readonly parameters: readonly ParameterType[]
  readonly rest?: ParameterType
}

/** Tells whether a value that is not nil may be passed for a parameter; as in Go, nothing is converted. */
export function matchesType(value: Value, type: ParameterType): boolean {
  switch (type) {
    case 'any':
      return true
    case 'string':
      return typeof value === 'string'
    case 'bool':
      return typeof value === 'boolean'
    case 'float64':
      return typeof value === 'number'
    case 'int':
    case 'int64':
    case 'uint32':
      return value instanceof GoInteger && value.kind === type
    case 'map':
      return value instanceof GoMap && value.element === anyElement
    case 'list':
      return value instanceof GoList && value.element === anyElement
    case 'time':
      return isObject(value) && value.typeName === 'time.Time'
    default:
      return isObject(value) && value.typeName === '*semver.Version'
  }
}
