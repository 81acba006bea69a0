/** How a worker asks its page for a media connection, and how the page answers. */
import { type Failure, StudioError, toFailure } from '../../../src-shared/errors.ts';
import type { MediaConnection, StudioMediaOptions } from '../studio-media.ts';

export interface ConnectionRequest {
  type: 'connect';
  requestId: number;
}

export interface ConnectionAnswer {
  type: 'connection';
  requestId: number;
  answer: MediaConnection | Failure;
}

/** The worker's end. */
export class ConnectionRequests {
  readonly #post: (request: ConnectionRequest) => void;
  readonly #waiting = new Map<number, { resolve: (connection: MediaConnection) => void; reject: (error: Error) => void }>();
  #nextId = 1;

  constructor(post: (request: ConnectionRequest) => void) {
    this.#post = post;
  }

  request(): Promise<MediaConnection> {
    return new Promise((resolve, reject) => {
      const requestId = this.#nextId++;
      this.#waiting.set(requestId, { resolve, reject });
      this.#post({ type: 'connect', requestId });
    });
  }

  settle({ requestId, answer }: ConnectionAnswer): void {
    const waiting = this.#waiting.get(requestId);
    this.#waiting.delete(requestId);
    if ('kind' in answer) waiting?.resolve(answer);
    else waiting?.reject(new StudioError(answer.code, answer.message));
  }
}

/** The page's end. */
export async function answerConnection(
  worker: Worker,
  role: 'video' | 'audio',
  requestId: number,
  openMedia: StudioMediaOptions['openMedia'],
): Promise<void> {
  const answer = await openMedia(role).catch(toFailure);
  const message: ConnectionAnswer = { type: 'connection', requestId, answer };
  worker.postMessage(message, 'kind' in answer && answer.kind === 'port' ? [answer.port] : []);
}
