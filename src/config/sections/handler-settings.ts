import { list, uint } from '../../platform/schema.ts'
import { suggestion } from '../xml/element.ts'
import { expand, variable } from '../expand.ts'
import type { HandlerSettings } from '../model.ts'
import { ownPath, reportUnusablePath } from '../own-path.ts'
import { shown } from '../problems.ts'
import type { XmlElement } from '../xml/xml.ts'
import { type NamedValue, namedValues } from './named-values.ts'
import type { SectionContext } from './section-context.ts'

/** What is honoured. */
export const handlerSettingNames = [
  'debugFile',
  'debugLevel',
  'enableOutOfProcessConsoleRedirection',
  'forwardResponseConnectionHeader',
  'shutdownDelay',
  'disallowRotationOnConfigChange',
]

/**
 * Settings that ANCM needs to load its own libraries, to host applications in process, or to replace files that Windows
 * locks. They are ignored here, with a notice.
 */
const withoutMeaning = [
  'handlerVersion',
  'stackSize',
  'callStartupHook',
  'setCurrentDirectory',
  'enableShadowCopy',
  'experimentalEnableShadowCopy',
  'shadowCopyDirectory',
  'cleanShadowCopyDirectory',
]

const debugWords = ['error', 'warning', 'info', 'trace', 'console', 'file', 'eventlog']

const delayKind = uint({ min: 0, max: 2_147_483_647, unit: 'milliseconds' })
const debugWordsKind = list(`words of ${debugWords.join(', ')}, with commas between them`)

/**
 * Reads the `<handlerSettings>` elements, outermost file first. Names match in any letter case; where a name stands
 * twice in one element, the first value wins.
 */
export function readHandlerSettings(elements: readonly XmlElement[], context: SectionContext): HandlerSettings {
  const settings = collect(elements, context)
  const { environment, physicalPath, problems } = context
  const is = (name: string, word: string): boolean => settings.get(name)?.value.toLowerCase() === word
  const debugLevel = readDebugLevel(settings.get('debuglevel'), context)
  const debugFile = settings.get('debugfile')
  const writtenFile = debugFile?.value ?? variable(environment, 'ASPNETCORE_MODULE_DEBUG_FILE')
  const fallback = debugLevel.includes('file') ? '.\\aspnetcore-debug.log' : undefined
  const file = writtenFile || fallback
  const path = file === undefined ? undefined : ownPath(expand(file, environment).text, physicalPath)
  if (debugFile !== undefined && path !== undefined) {
    reportUnusablePath('debugFile', { text: debugFile.value, at: debugFile.valueAt }, path, problems)
  }
  return {
    debugFile: path?.path,
    debugLevel,
    enableOutOfProcessConsoleRedirection: !is('enableoutofprocessconsoleredirection', 'false'),
    forwardResponseConnectionHeader: is('forwardresponseconnectionheader', 'true'),
    shutdownDelay: readDelay(settings.get('shutdowndelay'), context),
    disallowRotationOnConfigChange: is('disallowrotationonconfigchange', 'true'),
  }
}

/** The settings by their names in lower case. Reports those that are unknown, repeated or without meaning here. */
function collect(elements: readonly XmlElement[], { problems }: SectionContext): ReadonlyMap<string, NamedValue> {
  const settings = new Map<string, NamedValue>()
  for (const element of elements) {
    const here = new Map<string, NamedValue>()
    for (const entry of namedValues(element, 'handlerSetting', problems)) {
      if (entry === 'clear') {
        settings.clear()
        here.clear()
        continue
      }
      const key = entry.name.toLowerCase()
      const before = here.get(key)
      if (before === undefined) here.set(key, entry)
      else {
        const text = `${shown(entry.name)} was set on line ${String(before.at.line)} already; that value stays.`
        problems.warning(entry.at, text, 'Remove one of the two.')
      }
    }
    for (const [key, entry] of here) settings.set(key, entry)
  }
  for (const [key, entry] of settings) {
    if (handlerSettingNames.some((name) => name.toLowerCase() === key)) continue
    if (withoutMeaning.some((name) => name.toLowerCase() === key)) {
      problems.notice(entry.at, `The handler setting ${shown(entry.name)} has no meaning here and is ignored.`)
      continue
    }
    const meant = suggestion(entry.name, [...handlerSettingNames, ...withoutMeaning])
    const cure = meant === undefined ? `Known are ${handlerSettingNames.join(', ')}.` : `Did you mean "${meant}"?`
    problems.warning(entry.at, `There is no handler setting "${shown(entry.name)}"; it is ignored.`, cure)
  }
  return settings
}

function readDebugLevel(entry: NamedValue | undefined, { environment, problems }: SectionContext): readonly string[] {
  const written = entry?.value ?? variable(environment, 'ASPNETCORE_MODULE_DEBUG') ?? ''
  const read = debugWordsKind.read(written.toLowerCase())
  if (!read.ok) return []
  const unknown = read.value.find((word) => !debugWords.includes(word))
  if (entry !== undefined && unknown !== undefined) {
    problems.warning(
      entry.valueAt,
      `debugLevel has the unknown word "${shown(unknown)}".`,
      `Write ${debugWordsKind.allowed}.`,
    )
  }
  return read.value.filter((word) => debugWords.includes(word))
}

/**
 * shutdownDelay in milliseconds; as in ANCM the environment variable wins. ANCM's default of 1000 ms gives a new worker
 * process of IIS time to take over the port; there is no such process here, so the default is 0.
 */
function readDelay(entry: NamedValue | undefined, { environment, problems }: SectionContext): number {
  const inherited = delayKind.read(variable(environment, 'ANCM_shutdownDelay') ?? '')
  const read = entry === undefined ? undefined : delayKind.read(entry.value)
  if (entry !== undefined && read?.ok === false) {
    problems.error(
      entry.valueAt,
      `shutdownDelay="${shown(entry.value)}" is not a delay.`,
      `Write ${delayKind.allowed}.`,
    )
  }
  if (inherited.ok) return inherited.value
  return read?.ok === true ? read.value : 0
}
