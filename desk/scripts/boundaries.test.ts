import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
// Only the rule in question: typed rules need files that exist.
const eslint = new ESLint({ cwd: root, ruleFilter: ({ ruleId }) => ruleId === 'no-restricted-imports' });

async function refused(file: string, imported: string): Promise<boolean> {
  const [result] = await eslint.lintText(`import '${imported}';\n`, { filePath: `${root}${file}` });
  return result?.messages.some((message) => message.ruleId === 'no-restricted-imports') ?? false;
}

it.each([
  ['src/features/people/people.ts', '@/features/projects/hours', true],
  ['src/features/people/people.ts', '../projects/hours', true],
  ['src/features/people/people.ts', '@/app/nav', true],
  ['src/features/people/people.ts', '../../app/nav', true],
  ['src/features/people/people.ts', '@/shared/ui/page', false],
  ['src/features/people/people.ts', './team-form', false],
  ['src/shared/ui/page.tsx', '@/features/people/people', true],
  ['src/shared/ui/page.tsx', '@/client/schema', false],
  ['src/app/nav.ts', '@/features/people/people', false],
])('%s may import %s: refused %j', async (file, imported, expected) => {
  expect(await refused(file, imported)).toBe(expected);
}, 30_000);
