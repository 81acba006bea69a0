/** Which other qualities of a show the live server offers. */
import { z } from 'zod';

/** By the shorter side, the best first. */
export const LADDER_STEPS = ['1080p', '720p', '480p', '360p', '240p'] as const;
export const LadderStep = z.enum(LADDER_STEPS);
export type LadderStep = z.infer<typeof LadderStep>;

/** off: the publisher's alone; auto: up to three, by its size; else those of these that are smaller than it. */
export const LadderChoice = z.union([z.enum(['off', 'auto']), z.array(LadderStep).min(1).max(LADDER_STEPS.length)]);
export type LadderChoice = z.infer<typeof LadderChoice>;
