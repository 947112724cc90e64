import { readdirSync } from 'node:fs';
import js from '@eslint/js';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** Imports go one way: app -> features -> shared -> client. A feature never sees another one. */
const forbid = (group, message) => ({ group, message });
const upwards = forbid(['../../*', '../../../*'], 'Leave a folder by its alias: @/shared/..., @/client/...');
const noApp = forbid(['@/app', '@/app/*'], 'Only src/main.tsx and src/app import from app.');
const noFeatures = forbid(['@/features', '@/features/*'], 'shared/ and client/ know no feature.');
const restrict = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });

const features = readdirSync(new URL('src/features', import.meta.url));

export default tseslint.config(
  { ignores: ['node_modules', 'dist', 'src/client/schema.d.ts'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  jsxA11y.flatConfigs.strict,
  reactHooks.configs.flat['recommended-latest'],
  {
    languageOptions: {
      globals: { ...globals.browser },
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/only-throw-error': [
        'error',
        // TanStack Router's redirect() and notFound() are thrown by design.
        { allow: [{ from: 'package', package: '@tanstack/router-core', name: ['Redirect', 'NotFoundError'] }] },
      ],
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      // React 19 sets styles through the CSSOM, which the Content-Security-Policy allows; markup strings would not pass.
      'no-restricted-syntax': [
        'error',
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          message: 'Markup strings are not rendered; use an image or elements.',
        },
      ],
    },
  },
  { files: ['src/client/**/*.ts'], rules: restrict(noApp, noFeatures, forbid(['@/shared', '@/shared/*'], 'client/ stands alone.')) },
  { files: ['src/shared/**/*.{ts,tsx}'], rules: restrict(noApp, noFeatures, upwards) },
  ...features.map((feature) => ({
    files: [`src/features/${feature}/**/*.{ts,tsx}`],
    rules: restrict(
      noApp,
      upwards,
      forbid(
        features.filter((other) => other !== feature).flatMap((other) => [`@/features/${other}`, `@/features/${other}/*`, `../${other}/*`]),
        'Features do not import each other; move what both need to shared/.',
      ),
    ),
  })),
  {
    files: ['**/*.{js,mjs}', 'vite.config.ts', 'scripts/**'],
    languageOptions: { globals: { ...globals.node } },
    rules: { 'no-console': 'off' },
  },
  { files: ['**/*.{js,mjs}'], extends: [tseslint.configs.disableTypeChecked] },
);
