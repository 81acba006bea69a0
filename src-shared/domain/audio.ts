import { z } from 'zod';
import { AudioInputId } from './ids.ts';

/** One strip of the mixer. A source of kind avTest adds its beep to the mix by itself. */
export const AudioInput = z.strictObject({
  id: AudioInputId,
  name: z.string().min(1).max(100),
  kind: z.literal('microphone').default('microphone'),
  /** MediaDeviceInfo.deviceId; null means the system's default input */
  deviceId: z.string().max(256).nullable(),
  deviceLabel: z.string().max(256).default(''),
  gainDb: z.number().min(-96).max(26).default(0),
  muted: z.boolean().default(false),
  echoCancellation: z.boolean().default(false),
  noiseSuppression: z.boolean().default(false),
  autoGainControl: z.boolean().default(false),
});
export type AudioInput = z.infer<typeof AudioInput>;
