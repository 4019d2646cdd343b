import type { MapSettings } from './settings.ts'
import type { Template, TemplateFunction, TemplatePart } from './template.ts'

/** What the references of a template stand for. */
export interface TemplateValues {
  /** The captures of the rule's pattern, and those of its conditions. */
  readonly ruleCaptures: readonly string[]
  readonly conditionCaptures: readonly string[]
  /** Whether the captures of the conditions come from a text in which percent escapes are decoded. */
  readonly areConditionsDecoded: boolean
  readonly maps: RewriteMaps
  /** The value of a variable; '' for one that there is not. */
  variable(name: string): string
}

/** Variables whose percent escapes are decoded, as those of the path that rules see. */
const decodedVariables: ReadonlySet<string> = new Set([
  'URL', 'SCRIPT_NAME', 'PATH_INFO', 'PATH_TRANSLATED', 'REQUEST_FILENAME', 'SCRIPT_FILENAME',
]) // biome-ignore format: a list

/** The text that a template makes. */
export function fillTemplate(template: Template, values: TemplateValues): string {
  let text = ''
  for (const part of template) text += fillPart(part, values)
  return text
}

/**
 * The URL that a template makes. What comes out of a decoded path is escaped again where it would mean something else
 * in a URL (`%`, `?`, `#`), so that a request cannot bring in a query or a second layer of escapes.
 *
 * @param mayHaveFragment whether a `#` that the configuration has written begins a fragment, which only a client can use
 */
export function fillUrl(template: Template, values: TemplateValues, mayHaveFragment: boolean): string {
  let url = ''
  for (const part of template) {
    const text = fillPart(part, values)
    url += isDecoded(part, values) ? text.replaceAll(/[%?#]/g, escapeCharacter) : text
  }
  const escaped = url.replaceAll(/[^\x21-\x7e]+|["<>^`{|}\\]/g, escapeAll)
  return mayHaveFragment ? escaped : escaped.replaceAll('#', escapeCharacter)
}

/** Whether the text of this part has no percent escapes any more. */
export function isDecoded(part: TemplatePart, values: Pick<TemplateValues, 'areConditionsDecoded'>): boolean {
  if (typeof part === 'string') return false
  switch (part.kind) {
    case 'rule-capture':
      return true
    case 'condition-capture':
      return values.areConditionsDecoded
    case 'variable':
      return decodedVariables.has(part.name)
    case 'function':
      return (
        part.name === 'UrlDecode' || (part.name === 'ToLower' && part.argument.some((each) => isDecoded(each, values)))
      )
    case 'map':
      return false
  }
}

function fillPart(part: TemplatePart, values: TemplateValues): string {
  if (typeof part === 'string') return part
  switch (part.kind) {
    case 'rule-capture':
      return values.ruleCaptures[part.index] ?? ''
    case 'condition-capture':
      return values.conditionCaptures[part.index] ?? ''
    case 'variable':
      return values.variable(part.name)
    case 'function':
      return applied(part.name, fillTemplate(part.argument, values))
    case 'map':
      return values.maps.valueOf(part.map, fillTemplate(part.key, values))
  }
}

function applied(name: TemplateFunction, text: string): string {
  if (name === 'ToLower') return text.toLowerCase()
  if (name === 'UrlEncode') return text.replaceAll(/[^A-Za-z0-9\-_.~]+/g, escapeAll)
  const escaped = text.replaceAll(/[^ -~]+/g, escapeAll)
  const bytes = escaped.replaceAll(/%([0-9A-Fa-f]{2})/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

function escapeAll(text: string): string {
  return [...Buffer.from(text, 'utf8')].map(escapeByte).join('')
}

function escapeCharacter(character: string): string {
  return escapeByte(character.charCodeAt(0))
}

function escapeByte(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
}

/** `<rewriteMaps>`, made once for each configuration. */
export class RewriteMaps {
  readonly #maps: ReadonlyMap<string, { readonly settings: MapSettings; readonly values: ReadonlyMap<string, string> }>

  constructor(maps: readonly MapSettings[]) {
    this.#maps = new Map(
      maps.map((settings) => {
        const values = new Map(settings.entries.map(([key, value]) => [keyOf(key, settings), value]))
        return [settings.name, { settings, values }]
      }),
    )
  }

  valueOf(name: string, key: string): string {
    const map = this.#maps.get(name)
    return map === undefined ? '' : (map.values.get(keyOf(key, map.settings)) ?? map.settings.defaultValue)
  }
}

function keyOf(key: string, { ignoreCase }: MapSettings): string {
  return ignoreCase ? key.toLowerCase() : key
}
