/** HTTP servers that only this machine reaches: whoever says nothing, or opens too much, is let go all the same. */
import { createServer, type RequestListener, type Server } from 'node:http';

export interface LoopbackLimits {
  /** for a request's headers, and for the whole of it */
  headersMs: number;
  requestMs: number;
  /** of all kinds, WebSockets too */
  connectionsMax: number;
}

/** generous: a page of ours takes a dozen connections, and asks at once */
export const LOOPBACK_LIMITS: LoopbackLimits = { headersMs: 10_000, requestMs: 20_000, connectionsMax: 256 };

export function createLoopbackServer(limits: Partial<LoopbackLimits> = {}, answer?: RequestListener): Server {
  const { headersMs, requestMs, connectionsMax } = { ...LOOPBACK_LIMITS, ...limits };
  const options = { headersTimeout: headersMs, requestTimeout: requestMs, connectionsCheckingInterval: Math.min(1_000, headersMs) };
  const server = createServer(options, answer);
  server.maxConnections = connectionsMax;
  return server;
}
