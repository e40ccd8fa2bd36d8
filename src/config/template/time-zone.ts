/** Time zones from the data that Node carries. */

/** What holds in a zone at a moment. */
export interface ZoneState {
  readonly offsetSeconds: number
  /** Such as "CET"; where the zone has none, its offset, such as "+03". */
  readonly abbreviation: string
}

/** A time zone. */
export interface Zone {
  readonly name: string
  at(unixSeconds: number): ZoneState
}

/** Coordinated universal time. */
export const utc: Zone = { name: 'UTC', at: () => ({ offsetSeconds: 0, abbreviation: 'UTC' }) }

/** Makes a zone that always has the same offset. */
export function fixedZone(abbreviation: string, offsetSeconds: number): Zone {
  return { name: abbreviation, at: () => ({ offsetSeconds, abbreviation }) }
}

const zones = new Map<string, Zone>()
const zonesMax = 600

/** Gives a zone by its name in the IANA data base; undefined when there is none. */
export function loadZone(name: string): Zone | undefined {
  if (name === '' || name === 'UTC') return utc
  const known = zones.get(name)
  if (known !== undefined) return known
  // Only names of the data base: Intl takes offsets, too.
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]{0,60}$/.test(name)) return undefined
  try {
    const zone = new NamedZone(name)
    if (zones.size < zonesMax) zones.set(name, zone)
    return zone
  } catch {
    // Intl throws for a name it does not know.
    return undefined
  }
}

class NamedZone implements Zone {
  readonly name: string
  readonly #offsets: Intl.DateTimeFormat
  readonly #abbreviations: readonly Intl.DateTimeFormat[]

  constructor(name: string) {
    this.name = name
    this.#offsets = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
    // Each language knows the abbreviations of its own countries only.
    this.#abbreviations = ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-NZ', 'en-ZA', 'ja-JP', 'ko-KR', 'zh-HK', 'he-IL'].map(
      (language) => new Intl.DateTimeFormat(language, { timeZone: name, timeZoneName: 'short' }),
    )
  }

  at(unixSeconds: number): ZoneState {
    const date = new Date(unixSeconds * 1000)
    if (Number.isNaN(date.getTime())) return { offsetSeconds: 0, abbreviation: 'UTC' }
    const offsetSeconds = parseOffset(zonePart(this.#offsets, date))
    const names = this.#abbreviations.map((format) => zonePart(format, date))
    return { offsetSeconds, abbreviation: names.find((name) => /^[A-Z]{3,5}$/.test(name)) ?? formatOffset(offsetSeconds) }
  }
}

function zonePart(format: Intl.DateTimeFormat, date: Date): string {
  return format.formatToParts(date).find((part) => part.type === 'timeZoneName')?.value ?? ''
}

function parseOffset(text: string): number {
  const match = /^GMT([+\-−])(\d{1,2}):?(\d{2})?(?::(\d{2}))?$/.exec(text)
  if (match === null) return 0
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = match
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  return sign === '+' ? size : -size
}

function formatOffset(offsetSeconds: number): string {
  const size = Math.abs(offsetSeconds)
  const hours = String(Math.floor(size / 3600)).padStart(2, '0')
  const minutes = Math.floor((size % 3600) / 60)
  return `${offsetSeconds < 0 ? '-' : '+'}${hours}${minutes === 0 ? '' : String(minutes).padStart(2, '0')}`
}
