/** How one scene follows another on the program. */
import { z } from 'zod';
import { Colour } from './colour.ts';
import { AssetId } from './ids.ts';

const durationMs = z.int().min(50).max(10_000).default(400);

/** Where a wipe begins and how it goes on; `picture`: where its picture is dark it comes first, where it is light last. */
export const WIPE_PATTERNS = ['across', 'down', 'diagonal', 'iris', 'clock', 'blinds'] as const;

export const Transition = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cut') }),
  z.strictObject({ kind: z.literal('fade'), durationMs }),
  /** the old scene goes to the colour, and the new one comes out of it */
  z.strictObject({ kind: z.literal('fadeThrough'), durationMs, colour: Colour.default('#000000') }),
  /** the new scene pushes the old one out */
  z.strictObject({ kind: z.literal('slide'), durationMs, towards: z.enum(['left', 'right', 'up', 'down']).default('left') }),
  z.strictObject({
    kind: z.literal('wipe'),
    durationMs,
    pattern: z.enum(WIPE_PATTERNS).default('across'),
    /** a picture in the place of the pattern */
    assetId: AssetId.nullable().default(null),
    /** how wide the edge is: 0 is hard, 1 as wide as the pattern itself */
    softness: z.number().min(0).max(1).default(0.1),
    inverted: z.boolean().default(false),
  }),
]);
export type Transition = z.infer<typeof Transition>;
export type TransitionKind = Transition['kind'];
export type TransitionOf<K extends TransitionKind> = Extract<Transition, { kind: K }>;
