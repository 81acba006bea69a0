/** A made-up uplink for a network rehearsal: the show goes to the embedded live server through it. */
import { z } from 'zod';

/** Each has a file in resources/links, in mahimahi's format, and a seed it was generated from. */
export const LinkProfileId = z.enum(['step', 'ramp', 'sawtooth', 'lte', 'outage', 'bufferbloat']);
export type LinkProfileId = z.infer<typeof LinkProfileId>;

export const LinkState = z.strictObject({
  profile: LinkProfileId,
  /** what the link lets through at present; 0 in an outage */
  capacityKbps: z.number(),
  /** waiting in the link's own buffer, out of our reach */
  bufferedMs: z.number(),
});
export type LinkState = z.infer<typeof LinkState>;
