/**
 * Bundles the workflows of a build once, so that no worker has to when it starts (about a second each time). The contract and zod,
 * which hold no state of a job, are evaluated once in a worker and not once in each job: most of what a waiting job
 * would take of memory, and of the time that beginning one takes (docs/performance.md).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** @param dist a build, to which the bundle is added. @param interceptors modules of more than ours */
export async function bundleWorkflows(dist, interceptors = []) {
  const workflows = join(dist, 'workflows', 'index.js');
  const shared = join(dist, 'workflows', 'shared-modules.js');
  const contract = [...importedBy(workflows)].filter((file) => dirname(file) === join(dist, 'contract')).sort();
  writeFileSync(shared, preloading(contract.map((file) => relative(dirname(shared), file))));
  const { code } = await bundleWorkflowCode({
    workflowsPath: workflows,
    preloadModules: [shared],
    workflowInterceptorModules: [join(dist, 'workflows', 'only-in-tasks.js'), ...interceptors],
    logger: new DefaultLogger('WARN'),
  });
  writeFileSync(join(dist, 'workflow-bundle.js'), code);
}

/** All modules of the build that a module imports, and those that these import. */
function importedBy(file, known = new Set()) {
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)) {
    const imported = join(dirname(file), path);
    if (known.has(imported)) continue;
    known.add(imported);
    importedBy(imported, known);
  }
  return known;
}

/**
 * Temporal freezes what is shared, down to the last object, and stops at what is frozen already. A schema of zod fills in parts of itself when
 * they are first used, so it must not be: the namespaces that hold them are frozen here, and nothing below.
 */
function preloading(paths) {
  return [
    ...paths.map((path, index) => `import * as shared${index} from '${path}';`),
    `for (const shared of [${paths.map((_, index) => `shared${index}`).join(', ')}]) Object.freeze(shared);`,
    '',
  ].join('\n');
}
