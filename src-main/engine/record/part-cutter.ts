/**
 * Cuts a recording into files where one cannot hold what follows: a file has one codec of picture and one format of sound.
 * Another size or frame rate goes on in the same file. No picture is lost or in two files; the sound of the moment in which
 * a part ends may be in both, since a file's sound begins a little before its first picture.
 */
import { US_PER_S } from '../../../src-shared/units.ts';
import type { AudioHeader, AudioPacket, MediaHeader, MediaPacket, VideoHeader } from '../../process/packet.ts';
import type { RecordingHeaders } from './recording.ts';

/** An encoder that looks ahead gives pictures so much later than the sound to them. */
const SOUND_KEPT_US = 5 * US_PER_S;

/** What may wait while a disk that does not follow makes the next part; as much as may wait in a file (recording-file.ts). */
const WAITING_BYTES_MAX = 32 * 1024 * 1024;

/** Where packets go: an ActiveRecording, as far as this concerns. */
export interface Part {
  setHeader(header: VideoHeader | AudioHeader): void;
  write(packet: MediaPacket): void;
}

export interface PartCutterOptions {
  /** a part cannot go on, and the next begins at the picture that comes now; `adopt` follows when it is there */
  onCut: (headers: RecordingHeaders) => void;
  requestIdr: () => void;
  log: (line: string) => void;
}

export class PartCutter implements Part {
  readonly #options: PartCutterOptions;
  #headers: RecordingHeaders;
  /** null: the next is being made, and what comes waits */
  #part: Part | null;
  /** what the part holds */
  #held: RecordingHeaders;
  #waiting: ({ header: MediaHeader } | { packet: MediaPacket })[] = [];
  #waitingBytes = 0;
  /** too much waits: what comes is left out, up to the first IDR for which there is a part */
  #dropping = false;
  /** the latest sound in its present format */
  #sound: AudioPacket[] = [];

  constructor(part: Part, headers: RecordingHeaders, options: PartCutterOptions) {
    this.#options = options;
    this.#part = part;
    this.#headers = headers;
    this.#held = headers;
  }

  /** What a part is being made for; null: none is. */
  get waitsFor(): RecordingHeaders | null {
    return this.#part ? null : this.#held;
  }

  /** The next part is there. */
  adopt(part: Part): void {
    this.#part = part;
    const hasDropped = this.#dropping;
    this.#dropping = false; // what waits came before that
    this.#waitingBytes = 0;
    for (const item of this.#waiting.splice(0)) {
      if ('header' in item) this.setHeader(item.header);
      else this.write(item.packet);
    }
    if (!hasDropped) return;
    this.#dropping = true;
    this.#options.requestIdr();
  }

  setHeader(header: VideoHeader | AudioHeader): void {
    if (!this.#part) return void this.#waiting.push({ header });
    if (header.kind === 'video') this.#headers = { ...this.#headers, video: header };
    else {
      if (!isSameFormat(this.#headers.audio, header)) this.#sound = [];
      this.#headers = { ...this.#headers, audio: header };
    }
    if (this.#fits) this.#part.setHeader(header);
    else this.#options.requestIdr();
  }

  write(packet: MediaPacket): void {
    if (this.#dropping && this.#part && packet.kind === 'video' && packet.key) this.#dropping = false;
    if (this.#dropping) return;
    if (!this.#part) return this.#wait(packet);
    if (packet.kind === 'audio') this.#keep(packet);
    if (this.#fits) return this.#part.write(packet);
    if (packet.kind === 'video' && packet.key) return this.#cut(packet);
    const isOfPart = packet.kind === 'video' ? this.#videoFits : this.#audioFits;
    if (isOfPart) this.#part.write(packet); // pictures up to the next IDR, where only the sound has changed
  }

  #cut(idr: MediaPacket): void {
    this.#part = null;
    this.#held = this.#headers;
    for (const packet of [...this.#sound.splice(0), idr]) this.#wait(packet);
    this.#options.onCut(this.#headers);
  }

  #wait(packet: MediaPacket): void {
    this.#waiting.push({ packet });
    this.#waitingBytes += packet.data.length;
    if (this.#waitingBytes <= WAITING_BYTES_MAX) return;
    this.#dropping = true;
    this.#options.log(
      `recording: the disk does not follow: ${this.#waitingBytes} bytes wait for the next file; leaving out pictures up to an IDR`,
    );
  }

  #keep(packet: AudioPacket): void {
    this.#sound.push(packet);
    while ((this.#sound[0]?.ptsUs ?? 0) < packet.ptsUs - SOUND_KEPT_US) this.#sound.shift();
  }

  get #fits(): boolean {
    return this.#videoFits && this.#audioFits;
  }

  get #videoFits(): boolean {
    return this.#headers.video.codec === this.#held.video.codec;
  }

  get #audioFits(): boolean {
    return isSameFormat(this.#headers.audio, this.#held.audio);
  }
}

function isSameFormat(a: AudioHeader | null, b: AudioHeader | null): boolean {
  return a?.codec === b?.codec && a?.sampleRateHz === b?.sampleRateHz && a?.channels === b?.channels;
}
