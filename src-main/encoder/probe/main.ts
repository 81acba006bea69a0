/**
 * The process that tries encoders, one after the other. A driver that crashes or hangs takes it down and nothing else:
 * the engine knows which encoder it was at, and starts another one for the rest.
 */
import { setPriority } from 'node:os';
import type { VideoEncoderName } from '../../../src-shared/domain/video-encoder.ts';
import { connectParent } from '../../process/parent.ts';
import type { FromProbe, ToProbe } from '../../process/probe-contract.ts';
import { killPrograms } from '../programs.ts';
import { loadProbeMeans } from './load-means.ts';
import { probeEncoder, type Said } from './probe-encoder.ts';

/** After everything that someone waits for. */
const NICENESS = 10;
/** FFmpeg's messages come over the event loop. */
const SETTLE_MS = 5;
const KEPT_LINES = 50;

const connected = connectParent<FromProbe, ToProbe>();
if (!connected) {
  process.stderr.write('The probe is started by the engine. Start Tidecast with `npm start`.\n');
  process.exit(2);
}
const parent = connected;
try {
  setPriority(NICENESS);
} catch {
  // not everywhere may one be nice
}

let lines: string[] = [];
const means = await loadProbeMeans();
means.onMessage((line) => void (lines = [...lines, line].slice(-KEPT_LINES)));

const said: Said = async () => {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  return lines.splice(0);
};

async function probe(encoders: VideoEncoderName[]): Promise<void> {
  for (const encoder of encoders) {
    parent.send({ type: 'began', encoder });
    await said(); // nothing of the one before; and our own message has left
    failOnPurpose(encoder);
    parent.send({ type: 'found', capabilities: await probeEncoder(means, encoder, said) });
  }
  parent.send({ type: 'done' }); // the engine ends this process: native code may mind an orderly exit
}

/** As a driver might. TIDECAST_PROBE_FAULT is for tests: `crash` or `hang`, a colon, and the encoder. */
function failOnPurpose(encoder: VideoEncoderName): void {
  const fault = process.env['TIDECAST_PROBE_FAULT'];
  if (fault === `crash:${encoder}`) process.kill(process.pid, 'SIGSEGV');
  if (fault === `hang:${encoder}`) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

parent.onMessage(({ encoders }) => void probe(encoders));
parent.onGone(() => {
  killPrograms();
  process.kill(process.pid, 'SIGKILL');
});
