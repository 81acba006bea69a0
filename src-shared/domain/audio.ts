import { z } from 'zod';
import { AudioFilter } from './audio-filter.ts';
import { AudioInputId } from './ids.ts';

export const SYNC_OFFSET_MS = { min: -500, max: 2_000 } as const;

/** One strip of the mixer. A source of kind avTest adds its beep to the mix by itself. */
export const AudioInput = z.strictObject({
  id: AudioInputId,
  name: z.string().min(1).max(100),
  /** microphone: any input device; desktop: what the computer plays, where the system gives it */
  kind: z.enum(['microphone', 'desktop']).default('microphone'),
  /** MediaDeviceInfo.deviceId; null means the system's default input */
  deviceId: z.string().max(256).nullable(),
  deviceLabel: z.string().max(256).default(''),
  gainDb: z.number().min(-96).max(26).default(0),
  muted: z.boolean().default(false),
  /** while any strip is solo, only such are heard, by viewers too */
  solo: z.boolean().default(false),
  /** -1 left, 1 right: the other side is turned down */
  pan: z.number().min(-1).max(1).default(0),
  /** later than it comes; negative: all others, and the program's stamps, give way */
  syncOffsetMs: z.number().min(SYNC_OFFSET_MS.min).max(SYNC_OFFSET_MS.max).default(0),
  /** on the user's own ears: not at all, there only, or there and in the program */
  monitoring: z.enum(['off', 'only', 'both']).default('off'),
  filters: z.array(AudioFilter).max(16).default([]),
  echoCancellation: z.boolean().default(false),
  noiseSuppression: z.boolean().default(false),
  autoGainControl: z.boolean().default(false),
});
export type AudioInput = z.infer<typeof AudioInput>;
