/** What each encoder can change without being opened anew. Measured for those that run everywhere; from FFmpeg's sources for hardware. */
import { describeEncoder, type EncoderFamily, type VideoEncoderName } from '../../../src-shared/domain/video-encoder.ts';
import type { EncoderAbilities } from './back-end.ts';

const REOPEN_MS = 500;
const STEADY_PCT = 10;
/** SVT-AV1 begins with care and then makes up for it: 92 to 112 % were measured. */
const UNSTEADY_PCT = 15;
/** A driver opens a session in 0.1 to 0.4 s. */
const HARDWARE_REOPEN_MS = 1_000;
/** a process and its libraries on top */
const COMMAND_LINE_REOPEN_MS = 1_000;

const ABILITIES: Record<EncoderFamily, EncoderAbilities> = {
  x264: { inPlaceBitrate: true, onDemandIdr: true, reopenMs: REOPEN_MS, startsWithinPct: STEADY_PCT },
  x265: { inPlaceBitrate: false, onDemandIdr: true, reopenMs: REOPEN_MS, startsWithinPct: STEADY_PCT },
  svtav1: { inPlaceBitrate: false, onDemandIdr: true, reopenMs: REOPEN_MS, startsWithinPct: UNSTEADY_PCT },
  // nvEncReconfigureEncoder (nvenc.c, reconfig_encoder)
  nvenc: { inPlaceBitrate: true, onDemandIdr: true, reopenMs: HARDWARE_REOPEN_MS, startsWithinPct: null },
  // MFXVideoENCODE_Reset (qsvenc.c, update_parameters)
  qsv: { inPlaceBitrate: true, onDemandIdr: true, reopenMs: HARDWARE_REOPEN_MS, startsWithinPct: null },
  amf: { inPlaceBitrate: false, onDemandIdr: true, reopenMs: HARDWARE_REOPEN_MS, startsWithinPct: null },
  vaapi: { inPlaceBitrate: false, onDemandIdr: true, reopenMs: HARDWARE_REOPEN_MS, startsWithinPct: null },
  videotoolbox: { inPlaceBitrate: false, onDemandIdr: true, reopenMs: HARDWARE_REOPEN_MS, startsWithinPct: null },
  mf: { inPlaceBitrate: false, onDemandIdr: true, reopenMs: HARDWARE_REOPEN_MS, startsWithinPct: null },
};

export function abilitiesOf(encoder: VideoEncoderName): EncoderAbilities {
  return ABILITIES[describeEncoder(encoder).family];
}

/** Pictures and packets are all that passes between us and the command line. */
export const commandLineAbilities = (encoder: VideoEncoderName): EncoderAbilities => ({
  ...abilitiesOf(encoder),
  inPlaceBitrate: false,
  onDemandIdr: false,
  reopenMs: COMMAND_LINE_REOPEN_MS,
});
