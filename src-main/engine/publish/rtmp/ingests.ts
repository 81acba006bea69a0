/** The addresses of one destination: its two ways in, and where a server may send us. */
import type { Ingest } from '../../../../src-shared/domain/index.ts';
import type { Door } from '../knocker.ts';
import type { PublishTarget } from '../publisher.ts';
import { parseRtmpUrl, type RtmpUrl } from './url.ts';

export class Ingests {
  readonly #urls: Record<Ingest, string>;
  readonly hasBackup: boolean;
  /** why there is none, if one was given */
  readonly backupProblem: string | null;
  /** The server's name for logs and messages; of a bad address nothing is shown. */
  readonly label: string;
  readonly doors: Record<Ingest, Door | null>;

  /** A backup with a bad address is left out, so that the show goes on without it; a bad primary fails when it is used. */
  constructor({ url, backupUrl, destinationId }: PublishTarget) {
    this.#urls = { primary: url, backup: backupUrl ?? '' };
    const [primary, backup] = [parsed(url), backupUrl === null ? null : parsed(backupUrl)];
    this.label = primary instanceof Error ? destinationId : primary.label;
    this.hasBackup = backup !== null && !(backup instanceof Error);
    this.backupProblem = backup instanceof Error ? backup.message : null;
    this.doors = { primary: doorOf(primary), backup: doorOf(backup) };
  }

  url(ingest: Ingest, redirectUrl: string | null): string {
    return redirectUrl ?? this.#urls[ingest];
  }

  /** @throws StudioError rtmp.bad-url */
  parse(ingest: Ingest, redirectUrl: string | null): RtmpUrl {
    return parseRtmpUrl(this.url(ingest, redirectUrl));
  }
}

function parsed(url: string): RtmpUrl | Error {
  try {
    return parseRtmpUrl(url);
  } catch (error) {
    return error as Error;
  }
}

function doorOf(url: RtmpUrl | Error | null): Door | null {
  return url === null || url instanceof Error ? null : { host: url.host, port: url.port };
}
