/** H.264 and AAC into an MPEG transport stream of one program. @see ISO/IEC 13818-1; Rec. ITU-T H.264, annex B */
import { type AacConfig, type AvcConfig, parseAacConfig, parseAvcConfig } from '../codec-config.ts';
import { NAL, nalType } from '../h264.ts';
import { splitAvcc } from '../nal.ts';
import { ADTS_BYTES, adtsHeader } from './adts.ts';
import { PidWriter } from './packet.ts';
import { pesHeader, STREAM_ID } from './pes.ts';
import { PID, patSection, pmtSection, STREAM_TYPE } from './psi.ts';

export interface TsSample {
  kind: 'video' | 'audio';
  dtsMs: number;
  ptsMs: number;
  key: boolean;
  /** an access unit with NAL unit lengths, or a raw AAC frame */
  data: Uint8Array;
}

export interface TsConfigs {
  /** avcC; null: no picture */
  avc: Uint8Array | null;
  /** AudioSpecificConfig; null: no sound */
  aac: Uint8Array | null;
}

const TICKS_PER_MS = 90;
/** Times run so far ahead of the clock: a decoder's buffer has to fill before it shows (2.4.2). */
const AHEAD_TICKS = 200 * TICKS_PER_MS;
/** The clock comes at least each 100 ms (2.7.2). */
const PCR_EVERY_TICKS = 80 * TICKS_PER_MS;
/** Sound is sent in groups: a frame by itself would be half stuffing. */
const AUDIO_GROUP_MS = 100;
const START_CODE = Uint8Array.of(0, 0, 0, 1);
/** An access unit delimiter for slices of any type. @see H.264, 7.3.2.4 */
const DELIMITER = Uint8Array.of(0, 0, 0, 1, NAL.aud, 0xf0);
const LEFT_OUT: ReadonlySet<number> = new Set([NAL.aud, NAL.filler, NAL.endOfSequence, NAL.endOfStream]);

export class TsMuxer {
  readonly #avc: AvcConfig | null;
  readonly #aac: AacConfig | null;
  readonly #pat = new PidWriter(PID.pat);
  readonly #pmt = new PidWriter(PID.pmt);
  readonly #video = new PidWriter(PID.video);
  readonly #audio = new PidWriter(PID.audio);
  #clockTicks = Number.NEGATIVE_INFINITY;

  /** @throws WireError for configurations that cannot be read, or do not fit ADTS */
  constructor({ avc, aac }: TsConfigs) {
    this.#avc = avc && parseAvcConfig(avc);
    this.#aac = aac && parseAacConfig(aac);
    if (this.#aac) adtsHeader(this.#aac, 0);
  }

  /** Tables, then the samples: a player may begin at each call's bytes. @throws WireError for an access unit that cannot be split */
  mux(samples: readonly TsSample[]): Uint8Array[] {
    const out = [this.#pat.section(patSection()), this.#pmt.section(this.#pmtSection())];
    let sounds: TsSample[] = [];
    const flushSounds = () => {
      if (sounds.length > 0) out.push(...this.#sound(sounds));
      sounds = [];
    };
    for (const sample of samples) {
      const [firstSound] = sounds;
      if (firstSound && sample.dtsMs - firstSound.dtsMs >= AUDIO_GROUP_MS) flushSounds();
      if (sample.kind === 'audio') sounds.push(sample);
      else out.push(this.#picture(sample));
    }
    flushSounds();
    return out;
  }

  #pmtSection(): Uint8Array {
    const streams = [
      ...(this.#avc ? [{ pid: PID.video, type: STREAM_TYPE.h264 }] : []),
      ...(this.#aac ? [{ pid: PID.audio, type: STREAM_TYPE.adtsAac }] : []),
    ];
    return pmtSection(this.#avc ? PID.video : PID.audio, streams);
  }

  #picture({ dtsMs, ptsMs, key, data }: TsSample): Uint8Array {
    const dtsTicks = dtsMs * TICKS_PER_MS;
    const ptsTicks = Math.max(ptsMs, dtsMs) * TICKS_PER_MS;
    const header = pesHeader(STREAM_ID.video, { ptsTicks: ptsTicks + AHEAD_TICKS, dtsTicks: dtsTicks + AHEAD_TICKS }, 0);
    const pcrTicks = this.#takeClock(dtsTicks);
    return this.#video.unit([header, ...this.#annexB(data, key)], { pcrTicks, randomAccess: key });
  }

  /** Delimiter first, and the parameter sets in front of each IDR that does not bring its own. */
  #annexB(data: Uint8Array, key: boolean): Uint8Array[] {
    const { sps, pps, lengthBytes } = this.#avc as AvcConfig;
    const units = splitAvcc(data, lengthBytes).filter((unit) => !LEFT_OUT.has(nalType(unit)));
    const brings = units.some((unit) => nalType(unit) === NAL.sps);
    const sets = key && !brings ? [...sps, ...pps] : [];
    return [DELIMITER, ...[...sets, ...units].flatMap((unit) => [START_CODE, unit])];
  }

  #sound(samples: readonly TsSample[]): Uint8Array[] {
    const aac = this.#aac as AacConfig;
    const ticks = (samples[0] as TsSample).ptsMs * TICKS_PER_MS;
    const frames = samples.flatMap(({ data }) => [adtsHeader(aac, data.length), data]);
    const bytes = samples.reduce((sum, { data }) => sum + ADTS_BYTES + data.length, 0);
    const header = pesHeader(STREAM_ID.audio, { ptsTicks: ticks + AHEAD_TICKS, dtsTicks: ticks + AHEAD_TICKS }, bytes);
    if (!this.#avc) return [this.#audio.unit([header, ...frames], { pcrTicks: this.#takeClock(ticks), randomAccess: true })];
    const isDue = ticks - this.#clockTicks >= PCR_EVERY_TICKS;
    const clock = isDue ? [this.#video.clock(this.#takeClock(ticks))] : [];
    return [...clock, this.#audio.unit([header, ...frames])];
  }

  /** The clock never goes back, though sound and pictures are interleaved roughly. */
  #takeClock(ticks: number): number {
    this.#clockTicks = Math.max(ticks, this.#clockTicks);
    return this.#clockTicks;
  }
}
