/**
 * YAML. The parser of js-yaml gives events with offsets; the tree is built from them here, because its own constructor loses digits of
 * large integers and places of keys. Custom tags are refused; aliases are bounded by the size of what they stand for; depth is bounded.
 */
import { EVENT_ID, SCALAR_STYLE, YAMLException, getScalarValue, parseEvents } from 'js-yaml'
import type { Event, MappingEvent, ScalarEvent, SequenceEvent } from 'js-yaml'
import { UnsupportedValue, createRecord, scalarText } from '../schema/raw.ts'
import type { RawRecord } from '../schema/raw.ts'
import { lineStarts, placeOfOffset } from './places.ts'
import type { PlaceNode } from './places.ts'
import { SourceError } from './source-error.ts'
import { resolvePlain, resolveTagged } from './yaml-scalar.ts'

/** Deepest nesting of collections. */
const depthMax = 100
/** Most values that aliases may stand for, before what the text itself holds (times ten) is counted in. */
const aliasedValuesMax = 100_000

/** What YAML text holds. */
export interface YamlDocument {
  /** Undefined when the text holds nothing but comments. */
  readonly value: unknown
  /** True when more documents follow the first, which are not read. */
  readonly hasMore: boolean
}

/** Reads the first document of a YAML text into a raw tree; throws SourceError. */
export function readYaml(text: string): YamlDocument {
  const events = parse(text)
  if (events.length === 0) return { value: undefined, hasMore: false }
  const builder = new YamlBuilder(text, events)
  const value = builder.document()
  return { value: value ?? undefined, hasMore: builder.hasMore }
}

/** Reads the places of keys and items of a sound YAML text. */
export function readYamlPlaces(text: string): PlaceNode {
  const events = parse(text)
  return events.length === 0 ? { offset: 0 } : new YamlPlaces(text, events).document()
}

function parse(text: string): Event[] {
  try {
    return parseEvents(text, { maxDepth: depthMax })
  } catch (cause) {
    if (!(cause instanceof YAMLException)) throw cause
    const mark = cause.mark
    const place = mark === undefined ? {} : { line: mark.line + 1, column: mark.column + 1 }
    throw new SourceError(`yaml: ${cause.reason}`, place, { cause })
  }
}

interface Anchored {
  readonly value: unknown
  /** How many values it stands for, itself included. */
  readonly size: number
}

class YamlBuilder {
  private readonly text: string
  private readonly events: readonly Event[]
  private at = 0
  private readonly anchors = new Map<string, Anchored>()
  /** Values built so far, and how many of them stand for an alias. */
  private built = 0
  private aliased = 0

  constructor(text: string, events: readonly Event[]) {
    this.text = text
    this.events = events
  }

  /** True when events follow the document that was read. */
  get hasMore(): boolean {
    return this.events.slice(this.at).some((event) => {
      if (event.type === EVENT_ID.SCALAR) return event.valueEnd > event.valueStart
      return event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE
    })
  }

  document(): unknown {
    const first = this.next()
    if (first.type !== EVENT_ID.DOCUMENT) return undefined
    const value = this.peek().type === EVENT_ID.POP ? undefined : this.node()
    this.at += 1
    return value
  }

  private peek(): Event {
    const event = this.events[this.at]
    if (event === undefined) throw new SourceError('yaml: unexpected end')
    return event
  }

  private next(): Event {
    const event = this.peek()
    this.at += 1
    return event
  }

  private node(): unknown {
    const event = this.next()
    const before = this.built
    this.built += 1
    let value: unknown
    switch (event.type) {
      case EVENT_ID.SCALAR:
        value = this.scalar(event)
        break
      case EVENT_ID.SEQUENCE:
        value = this.sequence(event)
        break
      case EVENT_ID.MAPPING:
        value = this.mapping(event)
        break
      case EVENT_ID.ALIAS:
        return this.alias(this.text.slice(event.anchorStart, event.anchorEnd), event.anchorStart)
      default:
        throw new SourceError('yaml: unexpected end of a collection')
    }
    if (event.anchorStart !== -1) {
      this.anchors.set(this.text.slice(event.anchorStart, event.anchorEnd), { value, size: this.built - before })
    }
    return value
  }

  private alias(name: string, offset: number): unknown {
    const target = this.anchors.get(name)
    if (target === undefined) throw this.error(`unknown anchor '${name}' referenced`, offset)
    this.built += target.size
    this.aliased += target.size
    if (this.aliased > aliasedValuesMax + 10 * this.events.length) throw this.error('document contains excessive aliasing', offset)
    return target.value
  }

  private scalar(event: ScalarEvent): unknown {
    const tag = this.tag(event)
    const text = getScalarValue(this.text, event)
    if (tag === '') return event.style === SCALAR_STYLE.PLAIN ? resolvePlain(text) : text
    const value = resolveTagged(tag, text)
    if (value === undefined) throw this.error(`cannot decode ${JSON.stringify(text)} as ${tag}`, event.tagStart)
    return value
  }

  private sequence(event: SequenceEvent): unknown[] {
    this.checkTag(event, '!!seq')
    const items: unknown[] = []
    while (this.peek().type !== EVENT_ID.POP) items.push(this.node())
    this.at += 1
    return items
  }

  private mapping(event: MappingEvent): RawRecord {
    this.checkTag(event, '!!map')
    const members: RawRecord = createRecord()
    let merged: unknown[] | undefined
    while (this.peek().type !== EVENT_ID.POP) {
      const keyEvent = this.peek()
      const isMerge = keyEvent.type === EVENT_ID.SCALAR && keyEvent.style === SCALAR_STYLE.PLAIN && this.is(keyEvent, '<<')
      const key = this.key()
      const value = this.node()
      if (isMerge) (merged ??= []).push(value)
      else if (Object.hasOwn(members, key)) throw this.error(`mapping key ${JSON.stringify(key)} already defined`, offsetOf(keyEvent))
      else members[key] = value
    }
    this.at += 1
    if (merged !== undefined) for (const source of merged) this.merge(members, source, event.start)
    return members
  }

  private is(event: ScalarEvent, text: string): boolean {
    return event.valueEnd - event.valueStart === text.length && this.text.startsWith(text, event.valueStart)
  }

  private key(): string {
    const event = this.peek()
    if (event.type === EVENT_ID.SCALAR && event.tagStart === -1 && event.anchorStart === -1) {
      this.at += 1
      return getScalarValue(this.text, event)
    }
    const value = this.node()
    const text = value instanceof UnsupportedValue ? value.text : scalarText(value)
    if (text === undefined) throw this.error('a key must be a text', offsetOf(event))
    return text
  }

  private merge(members: RawRecord, source: unknown, offset: number): void {
    const sources: unknown[] = Array.isArray(source) ? source : [source]
    for (const one of sources) {
      if (typeof one !== 'object' || one === null || Array.isArray(one))
        throw this.error('map merge requires map or sequence of maps as the value', offset)
      for (const [key, value] of Object.entries(one)) if (!Object.hasOwn(members, key)) members[key] = value
    }
  }

  private tag(event: ScalarEvent | SequenceEvent | MappingEvent): string {
    if (event.tagStart === -1) return ''
    const tag = this.text.slice(event.tagStart, event.tagEnd)
    return tag.startsWith('!<tag:yaml.org,2002:') ? `!!${tag.slice('!<tag:yaml.org,2002:'.length, -1)}` : tag
  }

  private checkTag(event: SequenceEvent | MappingEvent, allowed: string): void {
    const tag = this.tag(event)
    if (tag !== '' && tag !== allowed) throw this.error(`unknown tag ${tag}`, event.tagStart)
  }

  private error(message: string, offset: number): SourceError {
    return new SourceError(`yaml: ${message}`, placeOfOffset(lineStarts(this.text), Math.max(0, offset)))
  }
}

function offsetOf(event: Event): number {
  switch (event.type) {
    case EVENT_ID.SCALAR:
      return event.valueStart
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return event.start
    case EVENT_ID.ALIAS:
      return event.anchorStart
    default:
      return 0
  }
}

/** Builds places instead of values, from the same events; the text is known to be sound. */
class YamlPlaces {
  private readonly text: string
  private readonly events: readonly Event[]
  private at = 1
  private readonly anchors = new Map<string, ReadonlyMap<string | number, PlaceNode> | undefined>()

  constructor(text: string, events: readonly Event[]) {
    this.text = text
    this.events = events
  }

  document(): PlaceNode {
    const members = this.members()
    return members === undefined ? { offset: 0 } : { offset: 0, members }
  }

  private members(): ReadonlyMap<string | number, PlaceNode> | undefined {
    const event = this.events[this.at]
    this.at += 1
    if (event === undefined || event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT) return undefined
    if (event.type === EVENT_ID.ALIAS) return this.anchors.get(this.text.slice(event.anchorStart, event.anchorEnd))
    const members = event.type === EVENT_ID.SCALAR ? undefined : this.collection(event.type === EVENT_ID.MAPPING)
    if (event.anchorStart !== -1) this.anchors.set(this.text.slice(event.anchorStart, event.anchorEnd), members)
    return members
  }

  private collection(isMapping: boolean): Map<string | number, PlaceNode> {
    const members = new Map<string | number, PlaceNode>()
    const merged: ReadonlyMap<string | number, PlaceNode>[] = []
    let event = this.events[this.at]
    for (let index = 0; event !== undefined && event.type !== EVENT_ID.POP; index += 1) {
      const offset = Math.max(0, offsetOf(event))
      let key: string | number = index
      if (isMapping) {
        key = event.type === EVENT_ID.SCALAR ? getScalarValue(this.text, event) : ''
        this.members()
      }
      const below = this.members()
      if (isMapping && key === '<<' && below !== undefined) merged.push(below)
      else members.set(key, below === undefined ? { offset } : { offset, members: below })
      event = this.events[this.at]
    }
    this.at += 1
    for (const source of merged) this.merge(members, source)
    return members
  }

  private merge(members: Map<string | number, PlaceNode>, source: ReadonlyMap<string | number, PlaceNode>): void {
    for (const [key, node] of source) {
      // A list of maps to merge has numbers for keys.
      if (typeof key === 'number') this.merge(members, node.members ?? new Map())
      else if (!members.has(key)) members.set(key, node)
    }
  }
}
