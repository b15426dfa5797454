import js from '@eslint/js';
import ts from 'typescript-eslint';

export default ts.config(
  { ignores: ['lib/', 'node_modules/', 'style/', '**/*.gen.ts'] },
  js.configs.recommended,
  ts.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['*.mjs'] },
        tsconfigRootDir: import.meta.dirname
      }
    },
    rules: {
      // The wire says null and leaves out: `== null` asks for both.
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines': ['error', { max: 500, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true }
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true }
      ]
    }
  },
  {
    // The canvas is given to notebook cells outside JupyterLab too, so it knows nothing of it.
    files: ['src/canvas/**', 'src/widget.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: ['@jupyterlab/*', '@lumino/*'] }]
    }
  },
  {
    files: ['**/*.mjs'],
    ...ts.configs.disableTypeChecked,
    languageOptions: {
      ...ts.configs.disableTypeChecked.languageOptions,
      globals: Object.fromEntries(
        [
          'Buffer',
          'TextEncoder',
          'process',
          'Buffer',
          'TextEncoder',
          'console',
          'URL',
          'setTimeout',
          'structuredClone',
          'document',
          'location',
          'URLSearchParams',
          'MessageChannel',
          'addEventListener',
          'clearInterval',
          'performance',
          'queueMicrotask',
          'requestAnimationFrame',
          'setInterval'
        ].map(name => [name, 'readonly'])
      )
    }
  }
);
