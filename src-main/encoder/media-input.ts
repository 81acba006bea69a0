/** One media connection, from its hello on: the same code for a WebSocket and for a MessagePort. */

import { type ErrorCode, StudioError, toFailure } from '../../src-shared/errors.ts';
import type { Channel, ChannelMessage } from '../../src-shared/ipc/channel.ts';
import type { MediaDemand } from '../../src-shared/ipc/contract.ts';
import {
  AUDIO_BLOCK_SAMPLES_MAX,
  type AudioBlock,
  decodeMedia,
  MEDIA_HEADER_BYTES,
  MediaHello,
  MediaPing,
  type MediaReply,
  type VideoFrame420,
} from '../../src-shared/ipc/media.ts';
import { AUDIO_CHANNELS, i420Bytes } from '../../src-shared/units.ts';

const HELLO_WAIT_MS = 2_000;
/** After a change of size, pictures of the old size are still on their way. */
const OLD_SIZE_ALLOWED_MS = 2_000;
export const AUDIO_MESSAGE_BYTES_MAX = MEDIA_HEADER_BYTES + AUDIO_BLOCK_SAMPLES_MAX * AUDIO_CHANNELS * 4;

export type MediaRole = MediaHello['role'];

export interface MediaSink {
  /** `answer` tells the sender that it may send another */
  video(frame: VideoFrame420, answer: () => void): void;
  audio(block: AudioBlock): void;
  /** the last connection of a role, or none */
  connected(role: MediaRole, connected: boolean): void;
  nowUs(): number;
}

/** What pictures may measure now, and until when the ones before may still come. */
export class DemandedSize {
  #now: MediaDemand | null = null;
  #before: MediaDemand | null = null;
  #changedAtMs = 0;

  set(demand: MediaDemand | null): void {
    this.#before = this.#now;
    this.#now = demand;
    this.#changedAtMs = performance.now();
  }

  /** undefined while nothing is demanded */
  get messageBytes(): number | undefined {
    return this.#now ? MEDIA_HEADER_BYTES + i420Bytes(this.#now.widthPx, this.#now.heightPx) : undefined;
  }

  /** Without a demand any size is let through: such pictures are only answered. */
  allows({ widthPx, heightPx }: { widthPx: number; heightPx: number }): boolean {
    const is = (size: MediaDemand | null) => size?.widthPx === widthPx && size.heightPx === heightPx;
    return (
      !this.#now || is(this.#now) || ((is(this.#before) || !this.#before) && performance.now() - this.#changedAtMs < OLD_SIZE_ALLOWED_MS)
    );
  }
}

/**
 * Keeps at most one connection of each role: a new one, of a reloaded page, takes the old one's place. The old one is
 * told, so that of two pages that both live the displaced one does not come back to displace the other.
 */
export class MediaInputs {
  readonly size = new DemandedSize();
  readonly #sink: MediaSink;
  readonly #current = new Map<MediaRole, Channel>();

  constructor(sink: MediaSink) {
    this.#sink = sink;
  }

  /**
   * Takes over a channel. Anything but a good hello within 2 s, and after it anything but exact media, closes it.
   * @param redeem checks a token and uses it up; null where the channel itself is proof enough (a port from the shell)
   */
  accept(channel: Channel, redeem: ((token: string) => boolean) | null): void {
    let role: MediaRole | null = null;
    const refuse = (code: ErrorCode, message: string) => {
      clearTimeout(timer);
      reply(channel, { type: 'refused', code, message });
      channel.close();
    };
    const timer = setTimeout(() => refuse('ipc.unauthorised', 'No hello came in time.'), HELLO_WAIT_MS);
    const stop = channel.onMessage((message) => {
      try {
        if (role) return this.#current.get(role) === channel ? this.#receive(channel, role, message) : undefined;
        role = this.#greet(channel, message, redeem);
        clearTimeout(timer);
      } catch (error) {
        const { code, message: why } = toFailure(error);
        stop();
        refuse(code, why);
      }
    });
    channel.onClose(() => {
      clearTimeout(timer);
      if (!role || this.#current.get(role) !== channel) return;
      this.#current.delete(role);
      this.#sink.connected(role, false);
    });
  }

  closeAll(): void {
    for (const channel of this.#current.values()) channel.close();
  }

  #greet(channel: Channel, message: ChannelMessage, redeem: ((token: string) => boolean) | null): MediaRole {
    const hello = MediaHello.safeParse(message.kind === 'json' ? message.value : null);
    if (!hello.success) throw new StudioError('ipc.bad-input', 'The first message must be a hello.');
    const { role, token } = hello.data;
    if (redeem && !redeem(token)) throw new StudioError('ipc.unauthorised', 'The token is not valid, or no longer. Ask for a new one.');
    const before = this.#current.get(role);
    this.#current.set(role, channel);
    if (before) displace(before);
    reply(channel, { type: 'welcome', timeUs: this.#sink.nowUs() });
    this.#sink.connected(role, true);
    return role;
  }

  #receive(channel: Channel, role: MediaRole, message: ChannelMessage): void {
    if (message.kind === 'json') {
      const ping = MediaPing.safeParse(message.value);
      if (!ping.success) throw new StudioError('ipc.bad-input', 'Only pings may be sent besides media.');
      return reply(channel, { type: 'pong', sentAtMs: ping.data.sentAtMs, timeUs: this.#sink.nowUs() });
    }
    const media = decodeMedia(message.bytes);
    if (media.kind !== role) throw new StudioError('media.bad-frame', `A connection for ${role} carries nothing else.`);
    if (media.kind === 'audio') return this.#sink.audio(media);
    if (!this.size.allows(media))
      throw new StudioError('media.bad-frame', `Pictures of ${media.widthPx}x${media.heightPx} are not wanted.`);
    this.#sink.video(media, () => reply(channel, { type: 'ack', tick: media.tick }));
  }
}

function displace(channel: Channel): void {
  reply(channel, {
    type: 'refused',
    code: 'media.replaced',
    message: 'Another window sends picture and sound now. To send from here, close that window and reload this page.',
  });
  channel.close();
}

function reply(channel: Channel, message: MediaReply): void {
  channel.sendJson(message);
}
