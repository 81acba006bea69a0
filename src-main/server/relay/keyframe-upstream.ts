/** Asks another server of ours for an IDR, over the way that its viewer page has: POST /api/streams/NAME/keyframe. */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { RelayAddress } from './address.ts';

const ANSWER_MS = 2_000;
/** what HTTP-FLV is watched at on a server of ours */
const OURS = /^\/live\/([A-Za-z0-9_-]{1,64})\.flv$/;

/**
 * @returns what a publisher can be asked; nothing where the origin has no such way (RTMP, or an address unlike ours). A
 * server that answers 405 is another's: it is not asked again.
 */
export function askForKeyframe(address: RelayAddress): { requestIdr?: () => void } {
  const url = address.protocol === 'flv' ? new URL(address.url) : null;
  const name = url && OURS.exec(url.pathname)?.[1];
  if (!url || !name) return {};
  let cannot = false;
  const requestIdr = () => {
    if (cannot) return;
    const request = (address.secure ? requestHttps : requestHttp)(new URL(`/api/streams/${name}/keyframe${url.search}`, url), {
      method: 'POST',
      agent: false,
      timeout: ANSWER_MS,
    });
    request.on('response', (response) => {
      cannot = response.statusCode === 405; // ours answers 404 while nobody publishes
      response.resume();
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => {}); // the next IDR comes without being asked for
    request.end();
  };
  return { requestIdr };
}
