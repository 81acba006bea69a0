/** Decides once, when the probe starts, what it tries encoders with. */
import { commandLineAbilities } from '../video/abilities.ts';
import { CommandLineEncoder } from '../video/command-line-encoder.ts';
import type { ProbeMeans } from './means.ts';
import { testSamples } from './test-picture.ts';

const programMeans: ProbeMeans = {
  open: CommandLineEncoder.open,
  tellsWhenOpened: false,
  abilitiesOf: commandLineAbilities,
  picture: ({ widthPx, heightPx }, _, index) => ({
    frame: null,
    planes: testSamples(widthPx, heightPx, index, { bytes: 1, shift: 0 }),
    free() {},
  }),
  onMessage() {}, // the program's words are in its errors
};

/** @see loadMediaTools, which decides the same for a show */
export async function loadProbeMeans(env: NodeJS.ProcessEnv = process.env): Promise<ProbeMeans> {
  const asked = env['TIDECAST_VIDEO_BACK_END'];
  if (asked === 'command-line' || asked === 'without-node-av') return programMeans;
  return import('./native-means.ts').then(
    ({ nativeMeans }) => nativeMeans,
    () => programMeans,
  );
}
