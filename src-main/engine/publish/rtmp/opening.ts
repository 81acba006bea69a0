/** What is said between the handshake and the stream: who we are, what the server takes, and the stream itself. */
import { isReporting, REPORT_PROPERTIES } from '../../../wire/rtmp/delivery-report.ts';
import { type Agreement, agree, connectProperties, type EnhancedNeeds, needsEnhanced, serverSupport } from '../../../wire/rtmp/enhanced.ts';
import type { ConnectionOptions } from './connection-options.ts';
import type { Dialogue } from './dialogue.ts';

const ORDINARY: EnhancedNeeds = { video: 'h264', audio: 'aac', multitrack: false };
const FLASH_VERSION = 'FMLE/3.0 (compatible; Tidecast)';

type EnhancedOptions = Pick<ConnectionOptions, 'needs' | 'takesEnhanced' | 'takesCodecs'>;

export interface Consent {
  /** in which form the server takes what */
  agreement: Agreement;
  /** it tells what arrives */
  isReporting: boolean;
}

/** Whether the server takes several tracks is asked, or there is nothing to ask. */
export function isAsked({ needs, takesEnhanced }: EnhancedOptions): boolean {
  return takesEnhanced === false || (needs !== undefined && needsEnhanced(needs));
}

/** @throws StudioError rtmp.refused, network.timeout */
export async function connect(
  dialogue: Dialogue,
  { url, needs, takesEnhanced, takesCodecs }: EnhancedOptions & Pick<ConnectionOptions, 'url'>,
) {
  const { app, tcUrl } = url;
  const declined = takesEnhanced === false;
  const codecs = connectProperties(declined ? null : (needs ?? ORDINARY));
  const client = { app, type: 'nonprivate', flashVer: FLASH_VERSION, swfUrl: tcUrl, tcUrl, ...codecs };
  const consent = await dialogue.request('connect', { ...client, ...REPORT_PROPERTIES }, []);
  const agreement = agree(serverSupport(consent), { trusted: takesEnhanced === true, trustedCodecs: takesCodecs, declined });
  return { agreement, isReporting: isReporting(consent) } satisfies Consent;
}

/** @returns the message stream's id */
export async function createStream(dialogue: Dialogue, streamKey: string): Promise<number> {
  dialogue.command('releaseStream', null, [streamKey]); // both for servers that hold or announce streams; their replies mean nothing
  dialogue.command('FCPublish', null, [streamKey]);
  const created = await dialogue.request('createStream', null, []);
  return created.args.find((value) => typeof value === 'number') ?? 1;
}
