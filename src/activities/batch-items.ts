/**
 * The items of a batch as artifacts: pages of at most 100 items, each small enough to travel through history, and an
 * index that says which page has which. A page is read alone, so that no step holds a whole batch.
 */
import type { ArtifactStore } from '../artifacts/artifact-store.js';
import type { ArtifactRef } from '../contract/artifact.js';
import type { BatchItem } from '../contract/batch.js';

/** Artifacts of one batch are kept together under this name. */
type Group = string;

interface ItemsIndex {
  count: number;
  pages: { from: number; ref: ArtifactRef }[];
}

const ITEMS_PER_PAGE = 100;
/** Temporal warns at 256 KiB a payload; a page has more only if a single item has. */
const PAGE_BYTES = 192 * 1024;
/** A page as it may come: one item that is as large as an item may be. */
const PAGE_BYTES_MAX = 2 * PAGE_BYTES;
/** 100 000 items, in pages of one item each. */
const INDEX_BYTES_MAX = 64 * 1024 * 1024;

export async function writeItems(
  artifacts: ArtifactStore,
  group: Group,
  items: Iterable<BatchItem> | AsyncIterable<BatchItem>,
): Promise<ArtifactRef> {
  const index: ItemsIndex = { count: 0, pages: [] };
  let page: string[] = [];
  let bytes = 0;
  const turnPage = async (): Promise<void> => {
    if (page.length === 0) return;
    const ref = await artifacts.write(group, `items-${index.count}.json`, [Buffer.from(`[${page.join(',')}]`)]);
    index.pages.push({ from: index.count, ref });
    index.count += page.length;
    page = [];
    bytes = 0;
  };
  for await (const item of items) {
    const text = JSON.stringify(item);
    const size = Buffer.byteLength(text) + 1;
    if (page.length === ITEMS_PER_PAGE || bytes + size > PAGE_BYTES) await turnPage();
    page.push(text);
    bytes += size;
  }
  await turnPage();
  return artifacts.write(group, 'items.json', [Buffer.from(JSON.stringify(index))]);
}

/** The items from position `from` on, as many as its page has. */
export async function readPage(artifacts: ArtifactStore, ref: ArtifactRef, from: number): Promise<BatchItem[]> {
  const { pages } = await readIndex(artifacts, ref);
  const page = pages.findLast((one) => one.from <= from);
  return page === undefined ? [] : (await itemsOf(artifacts, page.ref)).slice(from - page.from);
}

/** All items, a page at a time. */
export async function* readItemsOf(artifacts: ArtifactStore, ref: ArtifactRef): AsyncGenerator<BatchItem> {
  const { pages } = await readIndex(artifacts, ref);
  for (const page of pages) yield* await itemsOf(artifacts, page.ref);
}

async function readIndex(artifacts: ArtifactStore, ref: ArtifactRef): Promise<ItemsIndex> {
  return JSON.parse(Buffer.from(await artifacts.readAll(ref, INDEX_BYTES_MAX)).toString('utf8')) as ItemsIndex;
}

async function itemsOf(artifacts: ArtifactStore, ref: ArtifactRef): Promise<BatchItem[]> {
  return JSON.parse(Buffer.from(await artifacts.readAll(ref, PAGE_BYTES_MAX)).toString('utf8')) as BatchItem[];
}
