/** The work of this process as node-av does it. Where that does not load, nor does this: see media-tools.ts. */
import { AV_LOG_ERROR } from 'node-av/constants';
import { Log } from 'node-av/lib';
import type { OpenSound } from './audio-back-end.ts';
import { SoundEncoder } from './audio-encoder.ts';
import { PictureFrame } from './frame.ts';
import type { MakeThumbnail } from './media-tools.ts';
import { jpegThumbnail } from './thumbnail.ts';
import type { OpenVideoEncoder } from './video/back-end.ts';
// loaded with this, so that a spare process has it when it is needed
import './video/node-av-encoder.ts';
import './scaler.ts';
import { openVideoEncoder } from './video/open-encoder.ts';

Log.setLevel(AV_LOG_ERROR);

export const openVideo: OpenVideoEncoder = (settings, emit, options) => openVideoEncoder('node-av', settings, emit, options);

export const openSound: OpenSound = (settings, before) => new SoundEncoder(settings, before);

export const thumbnail: MakeThumbnail = (picture, size, widthPx) => {
  const frame = new PictureFrame(size);
  try {
    return jpegThumbnail(frame.show(picture), widthPx);
  } finally {
    frame.free();
  }
};
