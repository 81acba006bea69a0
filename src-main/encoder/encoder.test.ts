import { expect, test } from 'vitest';
import { Emitter } from '../../src-shared/disposable.ts';
import { DEFAULT_PROFILE } from '../../src-shared/domain/index.ts';
import { StudioError } from '../../src-shared/errors.ts';
import type { Channel, ChannelMessage } from '../../src-shared/ipc/channel.ts';
import { MEDIA_HEADER_BYTES, writeVideoHeader } from '../../src-shared/ipc/media.ts';
import { i420Bytes } from '../../src-shared/units.ts';
import type { FromEncoder } from '../process/encoder-contract.ts';
import { Encoder } from './encoder.ts';
import type { MediaTools } from './media-tools.ts';

const SIZE = { widthPx: 16, heightPx: 16, frameRate: 30 };
const unused = () => {
  throw new Error('not asked for');
};

test('a thumbnail that cannot be made is answered, and no encode is said to have failed', async () => {
  const sent: FromEncoder[] = [];
  const tools: MediaTools = {
    openVideo: unused,
    openSound: unused,
    thumbnail: () => Promise.reject(new StudioError('internal', 'The thumbnail could not be made.')),
    note: null,
  };
  const encoder = new Encoder(process.hrtime.bigint(), tools, (message) => sent.push(message));
  const messages = new Emitter<ChannelMessage>();
  const page: Channel = {
    sendJson() {},
    sendBytes() {},
    onMessage: (listener) => messages.on(listener),
    onClose: () => () => {},
    bufferedBytes: 0,
    close() {},
  };
  encoder.acceptPort(page);
  encoder.receive({ type: 'demand', demand: SIZE, audio: DEFAULT_PROFILE.audio });
  const picture = new Uint8Array(MEDIA_HEADER_BYTES + i420Bytes(SIZE.widthPx, SIZE.heightPx));
  writeVideoHeader(picture, { ...SIZE, tick: 0, captureTimeUs: 0 });
  messages.emit({ kind: 'json', value: { type: 'hello', version: 1, role: 'video', token: '' } });
  messages.emit({ kind: 'bytes', bytes: picture });
  const before = sent.length;
  encoder.receive({ type: 'thumbnail', requestId: 1, widthPx: 16 });
  await expect.poll(() => sent.slice(before)).toEqual([{ type: 'thumbnail', requestId: 1, jpeg: null }]);
  await encoder.stop();
});
