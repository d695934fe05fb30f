import { writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { writeFailure } from '../../src/artifacts/storage-failure.js';

function failureOf(action: () => void): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('the action did not fail');
}
const errno = (code: string) => Object.assign(new Error(code), { code });

describe('writeFailure', () => {
  (process.platform === 'linux' ? test : test.skip)('a device that is full is disk_full and names the folder', () => {
    const full = failureOf(() => writeFileSync('/dev/full', 'x'));
    expect(writeFailure(full, '/data/out', 'output.uri')).toMatchObject({
      code: 'disk_full',
      param: 'output.uri',
      message: expect.stringContaining('/data/out'),
      cause: full,
    });
  });

  test.each([
    ['EDQUOT', 'disk_full'],
    ['EACCES', 'output_unwritable'],
    ['EPERM', 'output_unwritable'],
    ['EROFS', 'output_unwritable'],
    ['ENOTDIR', 'output_unwritable'],
  ])('%s is %s', (code, expected) => {
    expect(writeFailure(errno(code), '/data/out')).toMatchObject({ code: expected });
  });

  test('what it does not know stays as it is', () => {
    const other = errno('EIO');
    expect(writeFailure(other, '/data/out')).toBe(other);
    expect(writeFailure('a text', '/data/out')).toBe('a text');
  });
});
