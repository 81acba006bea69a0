/** What a client's connect says, in the forms that clients say it. @see Adobe RTMP specification 1.0, 7.2.1.1 */
import { asObject } from '../../wire/amf0.ts';
import type { Command } from '../../wire/rtmp/command.ts';
import { parseVia, VIA_PROPERTY, type Via } from '../relay/via.ts';

export interface ConnectRequest {
  /** the application's name alone; null where none is to be found */
  app: string | null;
  tcUrl: string;
  flashVersion: string;
  /** servers of ours that it comes through */
  via: Via;
}

/** longer ones serve attacks only */
const TEXT_MAX = 2_048;

/** An object or an ECMA array; `tcUrl` in any case, perhaps in quotes; `app` with a query, slashes or an instance behind it, or left out. */
export function parseConnect(command: Command): ConnectRequest {
  const entries = new Map(Object.entries(asObject(command.object) ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const text = (name: string) => {
    const value = entries.get(name);
    return typeof value === 'string' ? value.slice(0, TEXT_MAX).replace(/^["'\s]+|["'\s]+$/g, '') : '';
  };
  const tcUrl = text('tcurl');
  const app = text('app') || (URL.canParse(tcUrl) ? new URL(tcUrl).pathname : '');
  return {
    app: /^\/*([^/?]+)/.exec(app)?.[1] ?? null,
    tcUrl,
    flashVersion: text('flashver'),
    via: parseVia(entries.get(VIA_PROPERTY.toLowerCase())),
  };
}
