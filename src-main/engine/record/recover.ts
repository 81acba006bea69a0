/** What is left of a recording whose engine was killed or whose machine lost power. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { EncodedPacketSink, FilePathSource, Input, MP4 } from 'mediabunny';
import { readBoxHeader } from '../../wire/mp4/box.ts';
import { recordError } from './errors.ts';

export interface RecoveredRecording {
  /** there is at least one picture, and a player can begin with it */
  playable: boolean;
  durationMs: number;
  widthPx: number;
  heightPx: number;
  sizeBytes: number;
  /** cut off: the piece that was being written */
  trimmedBytes: number;
}

/**
 * Cuts an incomplete tail off the file, so that every player takes it, and measures what is left. Whole fragments are
 * never touched, and a closed file not at all.
 * @throws record.folder when the file is missing or may not be read, record.io
 */
export async function recoverRecording(path: string): Promise<RecoveredRecording> {
  try {
    const trimmedBytes = await trimTail(path);
    const { size } = await stat(path);
    const picture = await measure(path).catch(() => null); // no movie box, or one that cannot be read
    const nothing = { playable: false, durationMs: 0, widthPx: 0, heightPx: 0 };
    return { ...(picture ?? nothing), sizeBytes: size, trimmedBytes };
  } catch (error) {
    throw recordError(error, path);
  }
}

async function trimTail(path: string): Promise<number> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    const end = await wholeEnd(file, size);
    if (end < size) {
      await file.truncate(end);
      await file.datasync();
    }
    return size - end;
  } finally {
    await file.close();
  }
}

/**
 * Where the last whole fragment ends. A moof counts with its mdat only; a moov after fragments is an attempt to close
 * the file that was cut off before it took effect (see layout.ts).
 */
async function wholeEnd(file: FileHandle, size: number): Promise<number> {
  const bytes = new Uint8Array(16);
  let end = 0;
  let fragments = 0;
  for (let at = 0; at < size; ) {
    const { bytesRead } = await file.read(bytes, 0, bytes.length, at);
    const header = readBoxHeader(bytes.subarray(0, bytesRead));
    if (!header?.sizeBytes || at + header.sizeBytes > size) return end;
    if (header.type === 'moov' && fragments > 0) return end;
    if (header.type === 'moof') fragments += 1;
    at += header.sizeBytes;
    if (header.type !== 'moof') end = at;
  }
  return end;
}

async function measure(path: string): Promise<Omit<RecoveredRecording, 'sizeBytes' | 'trimmedBytes'> | null> {
  const input = new Input({ formats: [MP4], source: new FilePathSource(path) });
  try {
    const track = await input.getPrimaryVideoTrack();
    if (!track) return null;
    const [widthPx, heightPx] = [await track.getCodedWidth(), await track.getCodedHeight()];
    const playable = (await new EncodedPacketSink(track).getFirstKeyPacket({ metadataOnly: true })) !== null;
    const durationMs = playable ? Math.round((await input.computeDuration()) * 1_000) : 0;
    return { playable, durationMs, widthPx, heightPx };
  } finally {
    input.dispose();
  }
}
