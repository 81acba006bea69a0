/**
 * One media connection of a worker to the encoder: says hello, waits for the welcome, and comes back after a loss.
 * Displaced by another page's connection it stays away, until media is wanted anew or `reopen` is called.
 */
import type { ErrorCode, Failure } from '../../../src-shared/errors.ts';
import type { Channel } from '../../../src-shared/ipc/channel.ts';
import { MediaReply } from '../../../src-shared/ipc/media.ts';
import { messagePortChannel, type PortLike } from '../../../src-shared/ipc/message-port-channel.ts';
import { webSocketChannel } from '../../../src-shared/ipc/web-socket-channel.ts';
import type { MediaConnection } from '../studio-media.ts';

const REPLACED = 'media.replaced' satisfies ErrorCode;
const WELCOME_WITHIN_MS = 5_000;
const RETRY_MIN_MS = 200;
const RETRY_MAX_MS = 2_000;

export interface MediaLinkOptions {
  role: 'video' | 'audio';
  /** asks the page for a fresh connection */
  request: () => Promise<MediaConnection>;
  /** @param timeUs engine time as the encoder said it in its welcome */
  onOpen: (timeUs: number) => void;
  onReply: (reply: MediaReply) => void;
  /** another page's connection took this one's place: it is not tried again for now */
  onReplaced?: (failure: Failure) => void;
}

export class MediaLink {
  readonly #options: MediaLinkOptions;
  #wanted = false;
  /** each attempt has a number; what belongs to an older one is dropped */
  #attempt = 0;
  #channel: Channel | null = null;
  #retryMs = RETRY_MIN_MS;

  constructor(options: MediaLinkOptions) {
    this.#options = options;
  }

  /** the welcomed channel, or null while there is none */
  get channel(): Channel | null {
    return this.#channel;
  }

  set wanted(wanted: boolean) {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    this.#restart();
  }

  /** Drops the connection and opens a new one at once. */
  reopen(): void {
    if (this.#wanted) this.#restart();
  }

  #restart(): void {
    this.#attempt++;
    this.#channel?.close();
    this.#channel = null;
    this.#retryMs = RETRY_MIN_MS;
    if (this.#wanted) void this.#open(this.#attempt);
  }

  async #open(attempt: number): Promise<void> {
    try {
      const channel = await this.#connect(attempt);
      this.#channel = channel;
      this.#retryMs = RETRY_MIN_MS;
      channel.onClose(() => this.#lost(attempt));
    } catch {
      this.#lost(attempt);
    }
  }

  #lost(attempt: number): void {
    if (attempt !== this.#attempt) return;
    this.#channel = null;
    const next = ++this.#attempt;
    setTimeout(() => next === this.#attempt && void this.#open(next), this.#retryMs);
    this.#retryMs = Math.min(RETRY_MAX_MS, this.#retryMs * 2);
  }

  #replaced(attempt: number, message: string): void {
    if (attempt !== this.#attempt) return;
    this.#attempt++;
    this.#channel = null;
    this.#options.onReplaced?.({ code: REPLACED, message });
  }

  async #connect(attempt: number): Promise<Channel> {
    const connection = await this.#options.request();
    const channel = connection.kind === 'port' ? messagePortChannel(connection.port as PortLike) : await openWebSocket(connection.url);
    try {
      // An older attempt must not say hello: the encoder would close the newer one's connection for it.
      this.#assertCurrent(attempt);
      await this.#greet(attempt, channel, connection.kind === 'webSocket' ? connection.token : '');
      this.#assertCurrent(attempt);
      return channel;
    } catch (error) {
      channel.close();
      throw error;
    }
  }

  #assertCurrent(attempt: number): void {
    if (attempt !== this.#attempt) throw new Error('replaced by a newer attempt');
  }

  #greet(attempt: number, channel: Channel, token: string): Promise<void> {
    const { role, onOpen, onReply } = this.#options;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no welcome')), WELCOME_WITHIN_MS);
      channel.onClose((reason) => {
        clearTimeout(timer);
        reject(new Error(reason));
      });
      channel.onMessage((message) => {
        const reply = message.kind === 'json' ? MediaReply.safeParse(message.value) : null;
        if (!reply?.success) return;
        if (reply.data.type === 'refused') {
          if (reply.data.code === REPLACED) this.#replaced(attempt, reply.data.message);
          return reject(new Error(reply.data.message));
        }
        if (reply.data.type !== 'welcome') return onReply(reply.data);
        clearTimeout(timer);
        onOpen(reply.data.timeUs);
        resolve();
      });
      channel.sendJson({ type: 'hello', version: 1, token, role });
    });
  }
}

function openWebSocket(url: string): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    const channel = webSocketChannel(socket);
    socket.addEventListener('open', () => resolve(channel));
    channel.onClose((reason) => reject(new Error(reason)));
  });
}
