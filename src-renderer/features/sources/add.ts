/** New sources with sensible values, placed where one would put them. */
import i18next from 'i18next';
import { parseCube } from '../../../src-shared/cube-lut.ts';
import {
  AssetId,
  SceneItemId,
  Source,
  SourceId,
  type SourceKind,
  type SourceOf,
  type Transform,
} from '../../../src-shared/domain/index.ts';
import { StudioError } from '../../../src-shared/errors.ts';
import { ASSET_BYTES_MAX } from '../../../src-shared/ipc/contract.ts';
import { link } from '../../engine-client/engine.ts';
import { say } from '../activity/notices.ts';
import { addSource, programScene } from '../collection/edits.ts';
import { edit, select, useCollection } from '../collection/store.ts';
import { fitInside, placeCentred, type Size } from '../stage/geometry.ts';

/** Every kind but the picture, which needs a file: see addPicture. */
export type PlainKind = Exclude<SourceKind, 'picture'>;

export function addSourceOf(kind: PlainKind): void {
  const { collection } = useCollection.getState();
  if (!collection) return;
  const canvas = { width: collection.canvas.widthPx, height: collection.canvas.heightPx };
  const base = { id: SourceId.parse(crypto.randomUUID()), name: i18next.t(`sources.kind.${kind}`) };
  const full = fitInside(canvas, canvas);
  switch (kind) {
    case 'camera':
      return place({ ...base, kind, deviceId: null }, fitInside({ width: 16, height: 9 }, canvas));
    case 'screen':
      return place({ ...base, kind, captureId: null }, full);
    case 'text': {
      const text = i18next.t('sources.newText');
      const source = Source.parse({ ...base, kind, text, fontSizePx: Math.round(canvas.height / 11) }) as SourceOf<'text'>;
      return place(source, { ...placeCentred(textSize(source), canvas, 0.9), yPx: Math.round(canvas.height * 0.78) });
    }
    case 'colour':
      return place({ ...base, kind, colour: '#1f6f80' }, full);
    case 'testCard':
      return place({ ...base, kind }, full);
    case 'avTest':
      return place({ ...base, kind }, full);
    default:
      kind satisfies never;
  }
}

/** Uploads a picture file and puts it into the program scene. Failures are shown, nothing else changes. */
export async function addPicture(file: File): Promise<void> {
  try {
    const { id, size } = await upload(file);
    const { collection } = useCollection.getState();
    if (!collection) return;
    const canvas = { width: collection.canvas.widthPx, height: collection.canvas.heightPx };
    const name = file.name.replace(/\.[^.]+$/, '').slice(0, 100) || i18next.t('sources.kind.picture');
    place({ id: SourceId.parse(crypto.randomUUID()), name, kind: 'picture', assetId: id }, placeCentred(size, canvas, 0.6));
  } catch (error) {
    say(error);
  }
}

/** @throws StudioError asset.unsupported or asset.too-large, or the engine's */
export async function upload(file: File): Promise<{ id: AssetId; size: Size }> {
  if (file.size > ASSET_BYTES_MAX)
    throw new StudioError('asset.too-large', i18next.t('sources.tooLarge', { name: file.name, limit: ASSET_BYTES_MAX / 1024 / 1024 }));
  const bitmap = await createImageBitmap(file).catch((cause: unknown) => {
    throw new StudioError('asset.unsupported', i18next.t('sources.unsupported', { name: file.name }), { cause });
  });
  const size = { width: bitmap.width, height: bitmap.height };
  bitmap.close();
  return { id: await put(file, file.type), size };
}

/** @throws StudioError asset.bad-lut with the line that is wrong, or asset.too-large, or the engine's */
export async function uploadLut(file: File): Promise<AssetId> {
  if (file.size > ASSET_BYTES_MAX)
    throw new StudioError('asset.too-large', i18next.t('sources.tooLarge', { name: file.name, limit: ASSET_BYTES_MAX / 1024 / 1024 }));
  parseCube(await file.text(), file.name);
  return put(file, 'text/x-cube');
}

async function put(file: File, mimeType: string): Promise<AssetId> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const asset = await link.invoke('asset.put', { name: file.name.slice(0, 255), mimeType, bytes });
  return AssetId.parse(asset.id);
}

function place(source: unknown, transform: Transform): void {
  const { collection } = useCollection.getState();
  if (!collection) return;
  const itemId = SceneItemId.parse(crypto.randomUUID());
  edit(addSource(programScene(collection).id, Source.parse(source), transform, itemId));
  select(itemId);
}

let pen: CanvasRenderingContext2D | null = null;
/** as the compositor draws text: see compositor/sources/text.ts */
const LINE_HEIGHT = 1.25;
const PADDING = 0.2;

/** The size a text takes at its own font size: what its box should be, so that letters are neither blurred nor cut. */
export function textSize({ text, fontFamily, fontSizePx, fontWeight }: SourceOf<'text'>): Size {
  pen ??= document.createElement('canvas').getContext('2d');
  const lines = text.split('\n');
  const paddingPx = 2 * PADDING * fontSizePx;
  const measure = (line: string) => pen?.measureText(line).width ?? line.length * fontSizePx * 0.6;
  if (pen) pen.font = `${fontWeight} ${fontSizePx}px ${fontFamily === 'system-ui' ? fontFamily : JSON.stringify(fontFamily)}, sans-serif`;
  const textWidth = Math.max(1, ...lines.map(measure));
  return { width: Math.ceil(textWidth + paddingPx), height: Math.ceil(lines.length * fontSizePx * LINE_HEIGHT + paddingPx) };
}
