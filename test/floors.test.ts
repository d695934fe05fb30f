/** The house has floors: an import may only point down. Reads every import of src/ and checks its direction. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from '@jest/globals';

/** Folder or file of src/ -> what it may import of ours, beside itself. */
const MAY_IMPORT: Record<string, string[]> = {
  contract: [],
  api: ['contract'],
  table: ['contract'],
  artifacts: ['contract'],
  manifest: ['contract'],
  budget: ['contract'],
  report: ['contract', 'table'],
  sandbox: ['contract'],
  devserver: ['contract'],
  activities: ['contract', 'api', 'table', 'artifacts', 'budget', 'manifest', 'report'],
  workflows: ['contract', 'activities (types)'],
  client: ['contract'],
  local: ['contract', 'devserver', 'client', 'settings.ts'],
  'settings.ts': ['contract'],
  'log.ts': [],
  'health.ts': ['contract'],
  'index.ts': ['client', 'contract'],
  'optional-parts.ts': [],
  'table.ts': ['table', 'optional-parts.ts'],
  'account-workers.ts': ['contract', 'api', 'artifacts', 'budget', 'activities', 'settings.ts'],
  'worker.ts': [
    'contract',
    'table',
    'artifacts',
    'activities',
    'client',
    'account-workers.ts',
    'settings.ts',
    'log.ts',
    'health.ts',
  ],
  cli: [
    'contract',
    'api',
    'table',
    'artifacts',
    'manifest',
    'activities',
    'client',
    'devserver',
    'local',
    'report',
    'sandbox',
    'optional-parts.ts',
    'settings.ts',
    'log.ts',
    'worker.ts',
  ],
};
/** Folders that know nothing of Temporal. */
const WITHOUT_TEMPORAL = ['api', 'budget', 'table', 'artifacts', 'manifest', 'report', 'sandbox'];

interface Import {
  file: string;
  from: string;
  to: string;
  isType: boolean;
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const imports: Import[] = files.flatMap((file) => {
  const text = readFileSync(join('src', file), 'utf8');
  const found = [
    ...text.matchAll(/(?:^|\n)(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'|import\('([^']+)'\)/g),
  ];
  return found.map(([, type, statically, dynamically]) => ({
    file,
    from: floorOf(file),
    to: statically ?? dynamically ?? '',
    isType: type !== undefined,
  }));
});

function floorOf(file: string): string {
  return file.split('/')[0] ?? file;
}

test('no import points up or sideways', () => {
  expect(imports.length).toBeGreaterThan(100);
  const wrong = imports
    .filter(({ to }) => to.startsWith('.'))
    .filter(({ file, from, to, isType }) => {
      const target = floorOf(relative('src', resolve('src', dirname(file), to)).replace(/\.js$/, '.ts'));
      const allowed = MAY_IMPORT[from];
      if (target === from) return false;
      return !(allowed?.includes(target) || (isType && allowed?.includes(`${target} (types)`)));
    })
    .map(({ file, to }) => `${file} imports ${to}`);
  expect(wrong).toEqual([]);
});

test('what computes and what speaks HTTP knows nothing of Temporal', () => {
  const wrong = imports.filter(({ from, to }) => WITHOUT_TEMPORAL.includes(from) && to.startsWith('@temporalio/'));
  expect(wrong).toEqual([]);
});

test('workflows import no Node module and no part of the SDK but theirs', () => {
  const wrong = imports.filter(
    ({ from, to, isType }) =>
      from === 'workflows' && !isType && !to.startsWith('.') && !['@temporalio/workflow', 'zod'].includes(to),
  );
  expect(wrong).toEqual([]);
});
