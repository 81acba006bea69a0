import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { parseCube } from '../../../../src-shared/cube-lut.ts';
import { StudioError } from '../../../../src-shared/errors.ts';
import { ASSET_BYTES_MAX, Asset } from '../../../../src-shared/ipc/contract.ts';
import { pictureType } from '../picture-type.ts';
import type { CallsOf, Handlers } from './handlers.ts';

interface AssetRow {
  id: string;
  name: string;
  mime_type: string;
  size_bytes: number;
}

/** Bytes are files of the assets folder, named by their hash; a row follows once the file is on the disk. */
export function assetHandlers(database: Database, directory: string): Handlers<CallsOf<'assets'>> {
  const folder = join(directory, 'assets');
  const columns = 'id, name, mime_type, size_bytes';
  const all = database.prepare<[], AssetRow>(`SELECT ${columns} FROM assets ORDER BY added_at_ms, id`);
  const one = database.prepare<[string], AssetRow>(`SELECT ${columns} FROM assets WHERE id = ?`);
  const insert = database.prepare<[AssetRow & { added_at_ms: number }]>(
    'INSERT OR IGNORE INTO assets (id, name, mime_type, size_bytes, added_at_ms) VALUES (@id, @name, @mime_type, @size_bytes, @added_at_ms)',
  );
  const find = (id: string) => {
    const row = one.get(id);
    return row ? { asset: fromRow(row), path: join(folder, id) } : null;
  };

  return {
    'assets.put': ({ name, bytes }) => {
      if (bytes.length > ASSET_BYTES_MAX)
        throw new StudioError(
          'asset.too-large',
          `${name} is larger than ${ASSET_BYTES_MAX / 1024 / 1024} MiB. Save it smaller, then add it again.`,
        );
      const mimeType = pictureType(bytes) ?? cubeType(name, bytes);
      if (!mimeType)
        throw new StudioError(
          'asset.unsupported',
          `${name} is no PNG, JPEG, WebP, AVIF, GIF or BMP picture, and no .cube colour table. Convert it, then add it again.`,
        );
      const id = createHash('sha256').update(bytes).digest('hex');
      writeWhole(folder, id, bytes);
      insert.run({ id, name, mime_type: mimeType, size_bytes: bytes.length, added_at_ms: Date.now() });
      return fromRow(one.get(id) as AssetRow);
    },
    'assets.list': () => all.all().map(fromRow),
    'assets.find': ({ id }) => find(id),
  };
}

/** @throws StudioError asset.bad-lut when it is called a colour table and is none */
function cubeType(name: string, bytes: Uint8Array): string | null {
  if (!/\.cube$/i.test(name)) return null;
  parseCube(new TextDecoder().decode(bytes), name);
  return 'text/x-cube';
}

function writeWhole(folder: string, id: string, bytes: Uint8Array): void {
  const path = join(folder, id);
  if (existsSync(path)) return; // named by its hash, and only whole files have their name
  mkdirSync(folder, { recursive: true });
  const file = openSync(`${path}.partial`, 'w');
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.partial`, path);
}

function fromRow(row: AssetRow): Asset {
  return Asset.parse({ id: row.id, name: row.name, mimeType: row.mime_type, sizeBytes: row.size_bytes });
}
