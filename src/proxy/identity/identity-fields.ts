/** Request fields that tell a server who asks: what clients say there never passes (R17), and what we say is checked (R20). */
import { textToBytes } from '../../std/utf8.ts'
import { isFieldName, isFieldValue } from '../http/field-value.ts'
import type { HeaderList } from '../http/header-list.ts'
import { setVouchedField } from '../http/managed-headers.ts'
import { claimText, type Claims } from './claims.ts'

/** Fields, and the claims that they get. */
export class IdentityFields {
  readonly #fields: readonly { readonly name: string; readonly claim: string }[]

  /** `fields`: claims by the names of the fields. Throws an Error when a name is none of a field. */
  constructor(fields: Readonly<Record<string, string>>) {
    this.#fields = Object.entries(fields).map(([name, claim]) => ({ name, claim }))
    const bad = this.#fields.find(({ name }) => !isFieldName(name))
    if (bad !== undefined) throw new Error(`forwardHeaders: ${bad.name} is no name of a header`)
  }

  /** Sets the fields, in place of what the client sent; false, with nothing set, when a claim holds what cannot be a field's value. */
  apply(headers: HeaderList, claims: Claims): boolean {
    const values = this.#fields.map(({ claim }) => textToBytes(claimText(claims, claim)))
    if (!values.every(isFieldValue)) return false
    for (const [index, { name }] of this.#fields.entries()) {
      const value = values[index] ?? ''
      setVouchedField(headers, name, value)
      if (value === '') headers.delete(name.toLowerCase())
    }
    return true
  }
}
