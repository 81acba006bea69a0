/**
 * Encoded packets become movie fragments. Pure: no file, no clock.
 *
 * Media times count from the first IDR. Its presentation is time 0 of the film: the B-frame delay is hidden by the video
 * track's `startTicks`, and the sound begins some frames earlier (a decoder needs what was before, to overlap or to adapt),
 * hidden by `startTicks` of the audio track. So A/V offset is exact to a tick. A gap in the packets' times stays a gap.
 */
import { US_PER_S } from '../../../src-shared/units.ts';
import type { AudioPacket, MediaPacket, VideoHeader, VideoPacket } from '../../process/packet.ts';
import { av1ConfigObus, parseAv1Config } from '../../wire/av1.ts';
import { concat } from '../../wire/bytes.ts';
import { joinAvcc, parseAvcConfig } from '../../wire/codec-config.ts';
import { BT709_LIMITED } from '../../wire/colour.ts';
import { parseHevcConfig } from '../../wire/hevc-config.ts';
import { type FragmentSample, fragment } from '../../wire/mp4/fragment.ts';
import type { TableSample } from '../../wire/mp4/sample-table.ts';
import type { AudioTrack, VideoDescription, VideoTrack } from '../../wire/mp4/track.ts';
import type { RecordingHeaders } from './recording.ts';

/** A kill loses at most what has not become a fragment. */
const FRAGMENT_US = 500_000;
/** Sound that may wait for the first IDR: the encoder's look-ahead delays pictures only. */
const PRE_ROLL_KEPT_US = 10 * US_PER_S;
/** In samples: two AAC frames, and the 80 ms of RFC 7845, 4.6. */
const PRE_ROLL_TICKS = { aac: 2_048, opus: 3_840 } as const;
/** Times in microseconds are off by at most half of one: closer than this, sound goes on without a gap. */
const AUDIO_SNAP_TICKS = 2;

interface RecordedChunk {
  kind: 'video' | 'audio';
  /** where its samples begin, from the fragment's first byte */
  offset: number;
  /** sample description, from 1 */
  description: number;
  samples: TableSample[];
}

export interface RecordedFragment {
  bytes: Uint8Array;
  chunks: RecordedChunk[];
}

interface Sample extends FragmentSample {
  decodeTicks: number;
}

/** Ticks in which a frame's duration is a whole number: rate × 1000, or 30000/1001 and its kind. */
export function videoTimescale(frameRate: number): number {
  const ntsc = Math.round(frameRate * 1.001);
  if (Math.abs(frameRate - ntsc / 1.001) < 0.005 && !Number.isInteger(frameRate)) return ntsc * 1_000;
  return Number.isInteger(frameRate) ? frameRate * 1_000 : 90_000;
}

export class Fragmenter {
  readonly #videoTimescale: number;
  readonly #audioTimescale: number;
  readonly #headers: RecordingHeaders;
  readonly #descriptions: VideoDescription[];
  /** sample description of the pictures now, and of those from the next IDR on */
  #description = 1;
  #nextDescription = 1;
  /** Parameter sets in front of each IDR: Chromium, for one, does not find back to a description before when it seeks. */
  #inBand: Uint8Array;
  #first: VideoPacket | null = null;
  #earlyAudio: AudioPacket[] = [];
  #video: Sample[] = [];
  #audio: Sample[] = [];
  #nextVideoTicks = 0;
  #nextAudioTicks = 0;
  #lastAudioTicks = 0;
  #sequence = 0;
  #endUs = 0;

  constructor(headers: RecordingHeaders) {
    this.#headers = headers;
    this.#descriptions = [descriptionOf(headers.video)];
    this.#inBand = parameterSets(headers.video);
    this.#videoTimescale = videoTimescale(headers.video.frameRate);
    this.#audioTimescale = headers.audio?.sampleRateHz ?? 1;
  }

  get #preRollTicks(): number {
    return PRE_ROLL_TICKS[this.#headers.audio?.codec ?? 'aac'];
  }

  get started(): boolean {
    return this.#first !== null;
  }

  /** from the first picture to the end of the last, in presentation time */
  get durationUs(): number {
    return this.#endUs;
  }

  /** Of use from the first IDR on. */
  get videoTrack(): VideoTrack {
    const { widthPx, heightPx, codec } = this.#headers.video;
    const startTicks = this.#first ? this.#videoTicks(this.#first.ptsUs) : 0;
    const timescale = this.#videoTimescale;
    const descriptions = this.#descriptions;
    return { kind: 'video', id: 1, timescale, startTicks, widthPx, heightPx, codec, descriptions, colour: BT709_LIMITED };
  }

  get audioTrack(): AudioTrack | null {
    const { audio } = this.#headers;
    if (!audio) return null;
    const { channels, sampleRateHz, codec, config } = audio;
    const bitrateBps = audio.bitrateKbps * 1_000;
    return {
      kind: 'audio',
      id: 2,
      timescale: this.#audioTimescale,
      startTicks: this.#preRollTicks,
      channels,
      sampleRateHz,
      bitrateBps,
      codec,
      config,
    };
  }

  /**
   * Other parameter sets of the same codec, as after an encoder restart or a change of size. The movie box has been written,
   * so they count by what travels in front of each IDR from the next one on; the closed file has a description for each.
   * @throws WireError when the header's configuration cannot be read
   */
  setVideo(header: VideoHeader): void {
    const inBand = parameterSets(header);
    const known = this.#descriptions.findIndex(({ config }) => sameBytes(config, header.config));
    const description = known < 0 ? this.#descriptions.push(descriptionOf(header)) : known + 1;
    if (description === this.#nextDescription) return;
    this.#nextDescription = description;
    this.#inBand = inBand;
  }

  /** @returns the fragments that are complete now; packets before the first IDR are left out */
  push(packet: MediaPacket): RecordedFragment[] {
    return packet.kind === 'video' ? this.#pushVideo(packet) : this.#pushAudio(packet);
  }

  /** What is left, as one last fragment. */
  flush(): RecordedFragment[] {
    const runs = [
      { kind: 'video' as const, trackId: 1, samples: this.#video },
      { kind: 'audio' as const, trackId: 2, samples: this.#audio },
    ].filter(({ samples }) => samples.length > 0);
    if (runs.length === 0) return [];
    this.#video = [];
    this.#audio = [];
    this.#sequence += 1;
    const made = fragment(
      this.#sequence,
      runs.map(({ trackId, samples }) => ({ trackId, decodeTicks: samples[0]?.decodeTicks ?? 0, samples: withGaps(samples) })),
    );
    const chunks = runs.map(({ kind, samples }, index) => ({
      kind,
      offset: made.runOffsets[index] ?? 0,
      description: kind === 'video' ? this.#description : 1,
      samples: samples.map(({ data, ...sample }) => ({ ...sample, sizeBytes: data.length })),
    }));
    return [{ bytes: made.bytes, chunks }];
  }

  #pushVideo(packet: VideoPacket): RecordedFragment[] {
    if (!this.#first && !packet.key) return [];
    const done = this.#first ? [] : this.#begin(packet);
    if (packet.key) {
      done.push(...this.flush()); // so that every IDR begins a fragment, and every description a chunk
      this.#description = this.#nextDescription;
    }
    const decodeTicks = Math.max(this.#videoTicks(packet.dtsUs), this.#nextVideoTicks);
    this.#nextVideoTicks = decodeTicks + 1;
    this.#video.push({
      decodeTicks,
      durationTicks: Math.max(1, this.#videoTicks(packet.dtsUs + packet.durationUs) - decodeTicks),
      compositionOffsetTicks: this.#videoTicks(packet.ptsUs) - decodeTicks,
      key: packet.key,
      data: this.#withParameterSets(packet),
    });
    this.#endUs = Math.max(this.#endUs, packet.ptsUs + packet.durationUs - (this.#first?.ptsUs ?? 0));
    return [...done, ...this.#flushWhenLong(this.#video, this.#videoTimescale)];
  }

  #pushAudio(packet: AudioPacket): RecordedFragment[] {
    if (!this.#headers.audio) return [];
    if (!this.#first) {
      this.#earlyAudio = this.#earlyAudio.filter(({ ptsUs }) => ptsUs > packet.ptsUs - PRE_ROLL_KEPT_US);
      this.#earlyAudio.push(packet);
      return [];
    }
    const ticks = this.#audioTicks(packet.ptsUs);
    if (ticks < 0) return [];
    if (this.#nextAudioTicks > 0 && ticks <= this.#lastAudioTicks + AUDIO_SNAP_TICKS) return []; // its place is taken
    const late = ticks - this.#nextAudioTicks;
    // one that begins within the one before cuts that one short, so that what follows is not late for ever
    const isOff = late > AUDIO_SNAP_TICKS || (late < -AUDIO_SNAP_TICKS && this.#audio.length > 0);
    const decodeTicks = isOff || this.#nextAudioTicks === 0 ? ticks : this.#nextAudioTicks;
    this.#lastAudioTicks = decodeTicks;
    const durationTicks = Math.round((packet.durationUs * this.#audioTimescale) / US_PER_S);
    this.#nextAudioTicks = decodeTicks + durationTicks;
    this.#audio.push({ decodeTicks, durationTicks, compositionOffsetTicks: 0, key: true, data: packet.data });
    return this.#flushWhenLong(this.#audio, this.#audioTimescale);
  }

  #begin(idr: VideoPacket): RecordedFragment[] {
    this.#first = idr;
    return this.#earlyAudio.splice(0).flatMap((packet) => this.#pushAudio(packet));
  }

  #flushWhenLong(samples: readonly Sample[], timescale: number): RecordedFragment[] {
    const [first, last] = [samples[0], samples.at(-1)];
    if (!first || !last) return [];
    const spanUs = ((last.decodeTicks + last.durationTicks - first.decodeTicks) * US_PER_S) / timescale;
    return spanUs + (last.durationTicks * US_PER_S) / timescale > FRAGMENT_US ? this.flush() : [];
  }

  #withParameterSets(packet: VideoPacket): Uint8Array {
    return packet.key ? concat([this.#inBand, packet.data]) : packet.data;
  }

  #videoTicks(timeUs: number): number {
    return Math.round(((timeUs - (this.#first?.dtsUs ?? 0)) * this.#videoTimescale) / US_PER_S);
  }

  #audioTicks(timeUs: number): number {
    return Math.round(((timeUs - (this.#first?.ptsUs ?? 0)) * this.#audioTimescale) / US_PER_S) + this.#preRollTicks;
  }
}

const descriptionOf = ({ widthPx, heightPx, config }: VideoHeader): VideoDescription => ({ widthPx, heightPx, config });

/** Within a run a sample lasts until the next one is decoded, so that a gap stays in its place. */
function withGaps(samples: readonly Sample[]): Sample[] {
  return samples.map((sample, index) => {
    const next = samples[index + 1];
    return next ? { ...sample, durationTicks: next.decodeTicks - sample.decodeTicks } : sample;
  });
}

/** As they go in front of an IDR. @throws WireError when the record cannot be read */
export function parameterSets({ codec, config }: Pick<VideoHeader, 'codec' | 'config'>): Uint8Array {
  if (codec === 'av1') {
    parseAv1Config(config);
    return av1ConfigObus(config);
  }
  const { vps, sps, pps } = codec === 'hevc' ? parseHevcConfig(config) : { vps: [], ...parseAvcConfig(config) };
  return joinAvcc([...vps, ...sps, ...pps]);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
