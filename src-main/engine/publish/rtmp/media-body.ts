/** Headers and packets as the bodies of RTMP messages, in the old form or the extended one. */
import type { AudioHeader, MediaHeader, MediaPacket, VideoHeader, VideoPacket } from '../../../process/packet.ts';
import { concat } from '../../../wire/bytes.ts';
import { buildAacBody, buildAvcBody } from '../../../wire/flv.ts';
import type { TrackList } from '../../../wire/flv-extended.ts';
import { AUDIO_FOURCC, buildExAudioBody } from '../../../wire/flv-extended-audio.ts';
import { buildExVideoBody, VIDEO_FOURCC } from '../../../wire/flv-extended-video.ts';
import type { StreamTime } from '../timeline.ts';

/** How one track travels on one connection. */
export interface Lane {
  codec: VideoHeader['codec'] | AudioHeader['codec'];
  form: 'legacy' | 'extended';
  track: number;
}

const NO_DATA = new Uint8Array(0);

/** The default track is not numbered, so that a server without multitrack understands it: as OBS does. */
const listOf = ({ track }: Lane): TrackList | null => (track === 0 ? null : 'one');

export function headerBody(header: MediaHeader, lane: Lane): Uint8Array {
  const { track: id } = lane;
  const extended = { packet: 'header', nanoOffset: null, list: listOf(lane) } as const;
  if (header.kind === 'video') {
    if (lane.form === 'legacy') return buildAvcBody({ key: true, packet: 'header', compositionMs: 0, data: header.config });
    const track = { id, fourCc: VIDEO_FOURCC[header.codec], compositionMs: 0, data: header.config };
    return buildExVideoBody({ ...extended, key: true, tracks: [track] });
  }
  if (lane.form === 'legacy') return buildAacBody({ packet: 'header', data: header.config });
  return buildExAudioBody({ ...extended, tracks: [{ id, fourCc: AUDIO_FOURCC[header.codec], data: header.config }] });
}

/** @param parts of the packet's data, with what is put between them; left out: the data as they are */
export function packetBody(packet: MediaPacket, lane: Lane, time: StreamTime, parts?: readonly Uint8Array[]): Uint8Array {
  // the data come last in every form, and are copied once
  if (packet.kind === 'video') return concat([videoHead(packet, lane, time), ...(parts ?? [packet.data])]);
  const { data } = packet;
  const extended = { nanoOffset: time.nanos, list: listOf(lane) };
  if (lane.form === 'legacy') return buildAacBody({ packet: 'frame', data });
  const fourCc = AUDIO_FOURCC[lane.codec as AudioHeader['codec']];
  return buildExAudioBody({ ...extended, packet: 'frame', tracks: [{ id: lane.track, fourCc, data }] });
}

function videoHead({ key }: VideoPacket, lane: Lane, { compositionMs, nanos }: StreamTime): Uint8Array {
  if (lane.form === 'legacy') return buildAvcBody({ key, packet: 'nalu', compositionMs, data: NO_DATA });
  const codec = lane.codec as VideoHeader['codec'];
  // AV1's pictures come in the order in which they are shown
  const track = { id: lane.track, fourCc: VIDEO_FOURCC[codec], compositionMs: codec === 'av1' ? 0 : compositionMs, data: NO_DATA };
  return buildExVideoBody({ nanoOffset: nanos, list: listOf(lane), key, packet: 'nalu', tracks: [track] });
}
