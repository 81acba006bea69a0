/** All recorded shows, those of earlier runs of the server included: they are found by their folders. */
import { type FileHandle, mkdir, open, readdir, readFile, rmdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expired, type KeptShow, type Retention } from './retention.ts';
import { INDEX_FILE, mediaFileName, Show } from './show.ts';
import { parseEnd, parseShowIndex, type ShowHead } from './show-index.ts';

/** A show as a list tells of it. */
export interface ShowSummary extends KeptShow {
  id: string;
  stream: string;
}

interface Kept {
  head: ShowHead;
  folder: string;
  durationMs: number;
  sizeBytes: number;
}

const FOLDER = /^([A-Za-z0-9_-]{1,64})-(\d{8}-\d{6}-\d{3})$/;
/** whole indexes that are kept in memory, of shows that were asked for lately */
const LOADED_MAX = 16;
/** of an index: at 2 s a segment, more than a week of a show */
const INDEX_BYTES_MAX = 64 * 1024 * 1024;
const EDGE_BYTES = 1_024;

const keyOf = (stream: string, id: string) => `${stream}-${id}`;

export class ShowLibrary {
  readonly #directory: string;
  readonly #log: (line: string) => void;
  readonly #running = new Map<string, Show>();
  readonly #kept = new Map<string, Kept>();
  /** the last used is the last */
  readonly #loaded = new Map<string, Promise<Show | null>>();

  constructor(directory: string, log: (line: string) => void) {
    this.#directory = directory;
    this.#log = log;
  }

  /** Finds what earlier runs have left. Never fails: a folder that cannot be read has no shows. */
  async scan(): Promise<void> {
    await mkdir(this.#directory, { recursive: true }).catch(() => {}); // the first recording says what is wrong with it
    for (const name of await readdir(this.#directory).catch((): string[] => [])) {
      const [, stream, id] = FOLDER.exec(name) ?? [];
      if (stream === undefined || id === undefined || this.#running.has(name)) continue;
      const kept = await readSummary(join(this.#directory, name)).catch(() => null);
      // a file system may take two names for one
      if (kept && kept.head.stream === stream && kept.head.id === id) this.#kept.set(name, kept);
    }
  }

  add(show: Show): void {
    this.#running.set(keyOf(show.head.stream, show.head.id), show);
  }

  /** It is being recorded no more. */
  settle(show: Show): void {
    const key = keyOf(show.head.stream, show.head.id);
    this.#running.delete(key);
    this.#kept.set(key, { head: show.head, folder: show.folder, ...show.totals });
  }

  /** The latest first. @param stream null: of all */
  list(stream: string | null): ShowSummary[] {
    const running = [...this.#running.values()].map((show) => summary(show.head, show.totals, true));
    const kept = [...this.#kept.values()].map((each) => summary(each.head, each, false));
    return [...running, ...kept].filter((show) => stream === null || show.stream === stream).sort((a, b) => b.startedAtMs - a.startedAtMs);
  }

  get sizeBytes(): number {
    return this.list(null).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  /** @returns null where there is none */
  show(stream: string, id: string): Promise<Show | null> {
    const key = keyOf(stream, id);
    const running = this.#running.get(key);
    if (running) return Promise.resolve(running);
    const kept = this.#kept.get(key);
    if (!kept) return Promise.resolve(null);
    const loaded = this.#loaded.get(key) ?? this.#load(key, kept.folder);
    this.#loaded.delete(key);
    this.#loaded.set(key, loaded);
    const [oldest] = this.#loaded.keys();
    if (this.#loaded.size > LOADED_MAX && oldest !== undefined) this.#loaded.delete(oldest);
    return loaded;
  }

  /** What could not be read is not remembered: the disk may be back the next time. */
  #load(key: string, folder: string): Promise<Show | null> {
    const loading = readShow(folder)
      .catch(() => null)
      .then((show) => {
        if (!show && this.#loaded.get(key) === loading) this.#loaded.delete(key);
        return show;
      });
    return loading;
  }

  /** Removes what is too old or too much, the oldest first. */
  async removeExpired(retention: Retention, nowMs: number): Promise<void> {
    for (const { stream, id } of expired(this.list(null), retention, nowMs)) {
      const key = keyOf(stream, id);
      const kept = this.#kept.get(key);
      if (!kept) continue;
      try {
        await removeFolder(kept.folder);
      } catch (error) {
        this.#log(`record: ${kept.folder} could not be removed: ${(error as Error).message}`); // a viewer may have it open: the next time
        continue;
      }
      this.#kept.delete(key);
      this.#loaded.delete(key);
      this.#log(`record: removed ${kept.folder}`);
    }
  }
}

function summary(
  { id, stream, startedAtMs }: ShowHead,
  { durationMs, sizeBytes }: Omit<KeptShow, 'startedAtMs' | 'running'>,
  running: boolean,
) {
  return { id, stream, startedAtMs, durationMs, sizeBytes, running };
}

/** By the ends of the index where the show was ended; one that was cut off has to be read. */
async function readSummary(folder: string): Promise<Kept | null> {
  const index = await open(join(folder, INDEX_FILE));
  const { head, end } = await readEdges(index).finally(() => index.close());
  if (head && end) return { head, folder, ...end };
  const show = await readShow(folder);
  return show && { head: show.head, folder, ...show.totals };
}

async function readEdges(index: FileHandle) {
  const { size } = await index.stat();
  const edge = async (at: number) => {
    const { buffer, bytesRead } = await index.read(Buffer.alloc(EDGE_BYTES), 0, EDGE_BYTES, at);
    return buffer.toString('utf8', 0, bytesRead);
  };
  const head = parseShowIndex(await edge(0))?.head ?? null;
  return { head, end: parseEnd(await edge(Math.max(0, size - EDGE_BYTES))) };
}

async function readShow(folder: string): Promise<Show | null> {
  const path = join(folder, INDEX_FILE);
  if ((await stat(path)).size > INDEX_BYTES_MAX) return null;
  const parsed = parseShowIndex(await readFile(path, 'utf8'));
  if (!parsed) return null;
  const sizes = await Promise.all(
    parsed.files.map(async (_, i) => (await stat(join(folder, mediaFileName(i))).catch(() => null))?.size ?? 0),
  );
  return Show.of(folder, parsed, sizes);
}

/** Only what is ours; the index last, so that a removal that is cut off is gone on with. */
async function removeFolder(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^\d+\.mp4$/.test(name));
  for (const name of [...names, INDEX_FILE]) await unlink(join(folder, name));
  await rmdir(folder).catch(() => {}); // somebody has put something into it
}
