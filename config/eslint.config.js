import tseslint from 'typescript-eslint'

// The rules that find bugs in this kind of program. A rule is on, or it is absent; there is no list of exceptions.
export default tseslint.config({
  files: ['**/*.ts'],
  ignores: ['**/dist/**', '**/node_modules/**', 'test/apps/**'],
  languageOptions: {
    parser: tseslint.parser,
    parserOptions: {
      project: ['./tsconfig.json', './src/control/page/tsconfig.json'],
      tsconfigRootDir: new URL('..', import.meta.url).pathname,
    },
  },
  plugins: { '@typescript-eslint': tseslint.plugin },
  rules: {
    '@typescript-eslint/no-floating-promises': 'error',
    '@typescript-eslint/no-misused-promises': 'error',
    '@typescript-eslint/await-thenable': 'error',
    '@typescript-eslint/require-await': 'error',
    '@typescript-eslint/switch-exhaustiveness-check': 'error',
    '@typescript-eslint/only-throw-error': 'error',
    '@typescript-eslint/prefer-promise-reject-errors': 'error',
    '@typescript-eslint/consistent-type-imports': 'error',
    '@typescript-eslint/no-explicit-any': 'error',
    '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
    '@typescript-eslint/no-unnecessary-type-assertion': 'error',
    '@typescript-eslint/no-base-to-string': 'error',
    '@typescript-eslint/restrict-plus-operands': 'error',
    '@typescript-eslint/no-unused-expressions': 'error',
    'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
    eqeqeq: 'error',
    'no-constant-condition': ['error', { checkLoops: false }],
    'no-var': 'error',
    'prefer-const': 'error',
  },
})
