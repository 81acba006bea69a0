/** The commands of one connection and what the server says to them, one after the other, each within its time. */
import type { StudioError } from '../../../../src-shared/errors.ts';
import type { RtmpMessage } from '../../../wire/rtmp/chunk.ts';
import { type Command, statusOf } from '../../../wire/rtmp/command.ts';
import { commandMessage } from '../../../wire/rtmp/message.ts';
import { rejectedFailure, type Stage, timeoutFailure } from './failures.ts';
import { consentTo, Replies, resultOf } from './replies.ts';

export interface DialogueOptions {
  send: (message: RtmpMessage) => void;
  /** the server's name, for messages */
  label: string;
  replyTimeoutMs: number;
}

export class Dialogue {
  readonly #options: DialogueOptions;
  readonly #replies = new Replies();
  #stage: Stage = 'handshake';
  #failure: StudioError | null = null;
  #transactionId = 0;

  constructor(options: DialogueOptions) {
    this.#options = options;
  }

  get stage(): Stage {
    return this.#stage;
  }

  /** @throws StudioError why it has ended meanwhile: what followed the server's consent in the same segment may have broken the format */
  goLive(): void {
    if (this.#failure) throw this.#failure;
    this.#stage = 'live';
  }

  get areAwaited(): boolean {
    return this.#replies.areAwaited;
  }

  /** Whose reply is not waited for. */
  command(name: string, object: Command['object'], args: Command['args'], streamId = 0): void {
    this.#transactionId += 1;
    this.#options.send(commandMessage({ name, transactionId: this.#transactionId, object, args }, streamId));
  }

  /** @param hello sends the handshake's beginning; `shaken` is its end */
  async shakeHands(hello: () => void): Promise<void> {
    await this.#waitFor(() => undefined, 'handshake', hello);
  }

  shaken(): void {
    this.#replies.done();
  }

  /** Sends a command and waits for its _result. */
  request(name: string, object: Command['object'], args: Command['args']): Promise<Command> {
    const answer = resultOf(this.#transactionId + 1, (command) => this.rejected('session', command));
    return this.#waitFor(answer, 'session', () => this.command(name, object, args));
  }

  async publish(streamKey: string, streamId: number): Promise<void> {
    const answer = consentTo(this.#transactionId + 1, (command) => this.rejected('publish', command));
    await this.#waitFor(answer, 'publish', () => this.command('publish', null, [streamKey, 'live'], streamId));
  }

  /** What the server says; to be called while replies `areAwaited`. @throws StudioError when it says no */
  take(command: Command): void {
    this.#replies.take(command);
  }

  /** The connection is no more. */
  fail(failure: StudioError): void {
    this.#failure = failure;
    this.#replies.fail(failure);
  }

  rejected(stage: 'session' | 'publish', command: Command): StudioError {
    return rejectedFailure(stage, this.#options.label, statusOf(command)?.code ?? '');
  }

  async #waitFor<T>(match: (command: Command) => T | undefined, stage: Stage, send: () => void): Promise<T> {
    if (this.#failure) throw this.#failure;
    this.#stage = stage;
    const { replyTimeoutMs: timeoutMs, label } = this.#options;
    return this.#replies.wait(match, { send, timeoutMs, late: () => timeoutFailure(stage, label, timeoutMs) });
  }
}
