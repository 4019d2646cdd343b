import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Problems } from '../../../src/config/problems.ts'
import { SourceText } from '../../../src/config/source-text.ts'
import type { XmlElement } from '../../../src/config/xml/xml.ts'
import { parseXml } from '../../../src/config/xml/xml.ts'
import type { ApplicationFacts, ModuleSteps } from '../../../src/site/modules/module.ts'
import { rewrite } from '../../../src/site/modules/rewrite/rewrite.ts'
import { top } from '../../support/folders.ts'

/** A web.config with rewrite rules that ancmd can use. */
export interface RuleFile {
  readonly file: string
  /** The text of its <rewrite>. */
  readonly text: string
  readonly steps: ModuleSteps
}

/** Our own rule files, and where there is a corpus of real ones, all of them that have rules. */
export function ruleFiles(): readonly RuleFile[] {
  const corpus = process.env['ANCMD_CORPUS']
  const folders = [join(top, 'test/fuzz/rewrite/rules')]
  if (corpus !== undefined) folders.push(join(corpus, 'web-config'), join(corpus, 'other'))
  return folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.config'))
      .flatMap((name) => read(join(folder, name))),
  )
}

function read(file: string): readonly RuleFile[] {
  const text = readFileSync(file, 'utf8')
  const parsed = parseXml(new SourceText(file, text))
  const element = parsed.ok ? firstRewrite(parsed.value) : undefined
  if (element === undefined) return []
  const problems = new Problems()
  const settings = rewrite.section?.read([element], { physicalPath: '/srv/none', environment: {}, problems })
  if (settings === undefined || problems.list.some(({ level }) => level === 'error')) return []
  const facts = { id: '/LM/W3SVC/1/ROOT', path: '/', physicalPath: '/srv/none', handlers: [] }
  return [
    {
      file,
      text: text.slice(text.indexOf('<rewrite'), text.indexOf('</rewrite>')),
      steps: rewrite.create(settings, facts as unknown as ApplicationFacts),
    },
  ]
}

function firstRewrite(element: XmlElement): XmlElement | undefined {
  if (element.name === 'rewrite') return element
  for (const child of element.children) {
    const found = firstRewrite(child)
    if (found !== undefined) return found
  }
  return undefined
}
