import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadHostFileWith } from '../../src/config/host-file/load.ts'
import type { WebConfig } from '../../src/config/model.ts'
import { type Problem, problemLine } from '../../src/config/problems.ts'
import { loadWebConfig } from '../../src/config/web-config/web-config.ts'
import { type SectionReader, settingsOf } from '../../src/config/sections/section-reader.ts'
import { customHeaders } from '../../src/site/modules/custom-headers/custom-headers.ts'
import type { HttpProtocolSettings } from '../../src/site/modules/custom-headers/http-protocol.ts'
import { modules, sectionsOf } from '../../src/site/modules.ts'
import type { Result } from '../../src/platform/result.ts'

const sections = sectionsOf(modules)

// Real web.config files, kept outside the repository because each has the licence of where it comes from. ANCMD_CORPUS names the
// folder; its groups `web-config` (with <aspNetCore> or <httpPlatform>), `other` (without) and `applicationhost` (host files) hold
// files named NNN.config.

const corpus = process.env['ANCMD_CORPUS']

type Loaded = Result<WebConfig, readonly Problem[]>

if (corpus === undefined) {
  test('no corpus is given, so only the golden files are read', () => {
    expect(process.env['ANCMD_CORPUS']).toBeUndefined()
  })
} else {
  describe('of the real files in the corpus', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ancmd-corpus-'))
    const loaded = new Map<string, Loaded>()
    afterAll(() => {
      rmSync(folder, { recursive: true })
    })

    beforeAll(async () => {
      for (const group of ['web-config', 'other']) {
        for (const file of readdirSync(join(corpus, group))) {
          const name = `${group}/${file.replace('.config', '')}`
          const physicalPath = join(folder, name)
          mkdirSync(physicalPath, { recursive: true })
          copyFileSync(join(corpus, group, file), join(physicalPath, 'web.config'))
          const environment = { HOME: '/home/shop' }
          loaded.set(name, await loadWebConfig({ physicalPath, virtualPath: '/', parents: [], environment, sections }))
        }
      }
    })

    const errorsOf = (name: string): readonly string[] => {
      const result = loaded.get(name)
      if (result === undefined) throw new Error(`the corpus has no ${name}`)
      const problems = result.ok ? [] : result.failure
      return problems
        .filter(({ level }) => level === 'error')
        .map((problem) => problemLine(problem).replace(`${join(folder, name)}/`, ''))
    }
    const webConfigOf = (name: string): WebConfig => {
      const result = loaded.get(name)
      if (result?.ok !== true) throw new Error(`${name} does not load: ${errorsOf(name).join('\n')}`)
      return result.value
    }
    const having = (error: RegExp): readonly string[] =>
      [...loaded.keys()].filter((name) => errorsOf(name).some((line) => error.test(line)))

    test('every one loads, or is refused with the line, the column and the cure of each error', () => {
      expect(loaded.size).toBe(229)
      for (const [name, result] of loaded) {
        if (result.ok) continue
        const errors = result.failure.filter(({ level }) => level === 'error')
        expect(errors, name).not.toEqual([])
        for (const { line, column, cure } of errors) {
          expect(Math.min(line, column), name).toBeGreaterThan(0)
          expect(cure, name).toBeDefined()
        }
      }
    })

    test('those that name a program load, whatever program it is', () => {
      const kinds = [...loaded.values()].flatMap((result) => (result.ok ? [result.value.process.kind] : []))
      expect(kinds.filter((kind) => kind === 'aspNetCore')).toHaveLength(73)
      expect(kinds.filter((kind) => kind === 'httpPlatform')).toHaveLength(27)
    })

    test('source folders are refused with the cure dotnet publish', () => {
      expect(having(/processPath="%LAUNCHER_PATH%": this is a source folder.*dotnet publish/)).toHaveLength(48)
    })

    test('the two that are not well-formed are refused where they break', () => {
      expect(errorsOf('web-config/041')).toEqual([
        'web.config:12:57: error: Text stands after the root element. Remove it.',
      ])
      expect(errorsOf('web-config/108')).toEqual([
        'web.config:1:1: error: Text stands before the root element. Remove it.',
      ])
      expect(having(/stands (?:after|before) the root/)).toHaveLength(2)
    })

    test('a bare <httpPlatform> is refused with the elements that belong around it', () => {
      expect(having(/begins with <httpPlatform>/)).toEqual(['web-config/098'])
    })

    test('sections without processPath are refused', () => {
      expect(having(/has no processPath/)).toEqual(['web-config/017', 'web-config/020', 'web-config/088'])
    })

    test('elements that are only inside a comment do not count', () => {
      for (const number of ['006', '089', '090', '093', '124']) {
        expect(errorsOf(`web-config/${number}`)).toHaveLength(1)
        expect(errorsOf(`web-config/${number}`)[0]).toContain('this file has neither <aspNetCore> nor <httpPlatform>')
      }
    })

    test('<environmentVariables> beside <aspNetCore> is refused with its right place', () => {
      expect(having(/<environmentVariables> stands beside/)).toEqual(['web-config/027'])
      expect(errorsOf('web-config/027').join()).toContain('web.config:8:5: error')
    })

    test('transforms are refused as transforms', () => {
      expect(having(/This is a transform/)).toEqual([
        'web-config/060',
        'web-config/067',
        'web-config/138',
        'other/010',
        'other/027',
        'other/052',
      ])
    })

    test('files that only declare the namespace of transforms are read, with a notice', () => {
      const noticed = [...loaded].filter(([, result]) => {
        const problems = result.ok ? result.value.notices : result.failure
        return problems.some(({ text }) => text.startsWith('xmlns:xdt declares the namespace of transforms'))
      })
      expect(noticed.map(([name]) => name)).toEqual(['other/035', 'other/036'])
    })

    test('a static site without an application is refused, and nothing else is wrong with it', () => {
      expect(
        having(/neither <aspNetCore> nor <httpPlatform>/).filter((name) => name.startsWith('other/')),
      ).toHaveLength(52)
      expect([...loaded].filter(([name, result]) => name.startsWith('other/') && result.ok)).toEqual([])
    })

    test('rewrite rules are read, and only those that forward to another server are refused', () => {
      expect(having(/only Application Request Routing forwards there/)).toEqual(
        ['004', '011', '016', '025', '035', '036', '043', '044', '051', '061'].map((number) => `other/${number}`),
      )
      expect(having(/regular expression|busy for ever|cannot be read/)).toEqual([])
    })

    test('lost features are named, and sections that only switch something off are not mentioned', () => {
      const noticesOf = (name: string): readonly string[] => {
        const result = loaded.get(name) as Loaded
        const problems = result.ok ? result.value.notices : result.failure
        return problems.map((problem) => `${problem.level}: ${problem.text}`)
      }
      const about = (section: string): readonly string[] =>
        [...loaded.keys()].filter((name) =>
          noticesOf(name).some((text) => text.includes(`<${section}> is not honoured`)),
        )
      expect(about('modules')).toEqual(['other/022'])
      expect(about('httpProtocol')).toEqual([])
      expect(about('rewrite')).toEqual([])
      expect(about('requestFiltering')).toEqual([])
    })

    test('custom headers are read, and no file that has them is refused for it', () => {
      const namesIn = (name: string): readonly string[] => {
        const settings = settingsOf(webConfigOf(name), customHeaders.section as SectionReader<HttpProtocolSettings>)
        return (settings?.customHeaders ?? []).map((header) => header.name)
      }
      const withHeaders = [...loaded].filter(([name, result]) => result.ok && namesIn(name).length > 0)
      expect(withHeaders).toHaveLength(4)
      expect(having(/[Hh]eader/)).toEqual([])
      expect(namesIn('web-config/107')).toEqual([
        'X-UA-Compatible',
        'Strict-Transport-Security',
        'X-XSS-Protection',
        'Referrer-Policy',
        'X-Content-Type-Options',
        'X-Frame-Options',
        'Content-Security-Policy',
        'Permissions-Policy',
      ])
    })

    test('Azure log paths are put below HOME, paths with a drive below the folder', () => {
      const azure = [...loaded.values()].flatMap((result) =>
        result.ok && result.value.process.stdoutLogFile.startsWith('/home/shop/LogFiles/') ? [result.value] : [],
      )
      expect(azure.length).toBeGreaterThan(5)
      const python = webConfigOf('web-config/064')
      expect(python.process.stdoutLogFile).toBe(join(folder, 'web-config/064/logs/python.log'))
      expect(python.notices.map(({ text }) => text).join()).toContain('this system has no drives')
    })

    test('with the launcher variables set all source folders load, except one with another error', async () => {
      const environment = { ANCM_LAUNCHER_PATH: '/opt/dotnet/dotnet', ANCM_LAUNCHER_ARGS: 'Shop.dll' }
      const sources = having(/this is a source folder/)
      const again = await Promise.all(
        sources.map((name) =>
          loadWebConfig({ physicalPath: join(folder, name), virtualPath: '/', parents: [], environment, sections }),
        ),
      )
      expect(sources.filter((_, i) => again[i]?.ok !== true)).toEqual(['web-config/027'])
    })

    test('placeholders of the port are not expanded', () => {
      const later = [...loaded.values()].filter(
        (result) => result.ok && JSON.stringify(result.value.process).includes('%HTTP_PLATFORM_PORT%'),
      )
      expect(later.length).toBeGreaterThan(12)
    })
  })

  describe.skipIf(!existsSync(join(corpus, 'applicationhost')))('of the real host files in the corpus', () => {
    const files = readdirSync(join(corpus, 'applicationhost')).filter((name) => name.endsWith('.config'))

    test.each(files)('%s is read; only paths of Windows and placeholders keep it from being used', async (name) => {
      const file = join(corpus, 'applicationhost', name)
      const { config } = await loadHostFileWith(file, { environment: {}, sections })
      const errors = config.ok ? [] : config.failure.filter(({ level }) => level === 'error')
      expect(errors.filter(({ text }) => !/^physicalPath=.* cannot be used|is a template/.test(text))).toEqual([])
      expect(errors.every(({ line, column, cure }) => Math.min(line, column) > 0 && cure !== undefined)).toBe(true)
    })

    test.each(files)('%s can be used with paths of this system', async (name) => {
      const text = readFileSync(join(corpus, 'applicationhost', name), 'latin1')
      const moved = text.replaceAll(/physicalPath="[^"]*"/g, 'physicalPath="www"').replace(':[PORT]:', ':5000:')
      const folder = mkdtempSync(join(tmpdir(), 'ancmd-corpus-'))
      const file = join(folder, name)
      writeFileSync(file, moved, 'latin1')
      const { config, notices } = await loadHostFileWith(file, { environment: {}, sections })
      rmSync(folder, { recursive: true })
      expect(config.ok ? [] : config.failure.map(problemLine)).toEqual([])
      expect(notices.length).toBeLessThan(8)
    })
  })
}
