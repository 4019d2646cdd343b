import { string } from '../../platform/schema.ts'
import { expand, type Environment } from '../expand.ts'
import { ownPath } from '../own-path.ts'
import { type Place, type Problems, shown } from '../problems.ts'
import { checkChildren, type ElementShape, readAttributes, type Values, type Written } from '../xml/element.ts'
import type { XmlElement } from '../xml/xml.ts'
import type { Unused } from './unused.ts'

/** What every reader of the host file gets. */
export interface HostFileContext {
  /** The host file's folder, absolute; relative paths begin there. */
  readonly folder: string
  readonly environment: Environment
  readonly problems: Problems
  readonly unused: Unused
}

/** What an element of the host file may contain. */
export interface ElementRules<T extends object> extends ElementShape<T> {
  /** Attributes of IIS that mean nothing here; their values are not looked at. */
  readonly meaningless?: readonly string[]
  /** Attributes on which nothing acts yet, each with the value that asks for nothing. */
  readonly later?: { readonly [N in keyof T]?: T[N] | undefined }
  readonly meaninglessChildren?: readonly string[]
}

/** Reads an element's attributes by its rules. Whatever has no effect is collected in `context.unused`. */
export function readElement<T extends object>(
  element: XmlElement,
  rules: ElementRules<T>,
  { problems, unused }: HostFileContext,
): Values<T> {
  const { kinds, required = [], meaningless = [], children = {}, meaninglessChildren = [] } = rules
  const later: NonNullable<ElementRules<T>['later']> = rules.later ?? {}
  checkChildren(element, [...Object.keys(children), ...meaninglessChildren], problems)
  for (const child of element.children) {
    if (meaninglessChildren.includes(child.name)) unused.add('meaningless', `<${child.name}>`, child.at)
  }
  const others = Object.fromEntries(meaningless.map((name) => [name, string()]))
  const values = readAttributes<T>(element, { ...others, ...kinds }, problems, required)
  for (const { name, at } of element.attributes.values()) {
    if (meaningless.includes(name)) unused.add('meaningless', name, at)
    const written = values[name as keyof T]
    if (!Object.hasOwn(later, name) || written === undefined) continue
    if (written.value !== later[name as keyof T]) unused.add('later', `<${element.name} ${name}>`, at)
  }
  return values
}

/**
 * The absolute path that an attribute names, with `%NAME%` expanded; undefined with an error if this system can have no
 * such path.
 *
 * @param name the attribute
 */
export function readPath(
  name: string,
  { text, at }: Pick<Written<unknown>, 'text' | 'at'>,
  { folder, environment, problems }: HostFileContext,
): string | undefined {
  const refuse = (why: string, cure: string): undefined => {
    problems.error(at, `${name}="${shown(text)}" cannot be used: ${why}.`, cure)
    return undefined
  }
  if (text.trim() === '') return refuse('it is empty', `Write a path, which may be relative to ${folder}.`)
  if (/^\[[^\]/\\]*\]$/.test(text)) return refuse('it is a template', 'Write a path in place of the brackets.')
  const { path, unusableBecause } = ownPath(expand(text, environment).text, folder)
  if (unusableBecause === undefined) return path.length > 1 ? path.replace(/[\\/]$/, '') : path
  const variable = /^(%.*%) has no value/.exec(unusableBecause)?.[1]
  const cure =
    variable === undefined
      ? 'Write a path of this system, such as /srv/www, or one relative to the file.'
      : `Set ${variable.slice(1, -1)} in the environment of ancmd, or write the path itself.`
  return refuse(unusableBecause, cure)
}

/** The words by which a problem names another place: its line, and its file where that is another one. */
export function placeText(at: Place, from: Place): string {
  return at.file === from.file ? `on line ${String(at.line)}` : `in ${at.file}, line ${String(at.line)},`
}
