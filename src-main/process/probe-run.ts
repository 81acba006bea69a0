/**
 * Tries encoders in processes of their own: one a family at once, so that none waits for another's driver. One that
 * crashes costs the encoder it was at; one that hangs costs the rest of its family, whose driver it is.
 */
import type { EncoderCapabilities } from '../../src-shared/domain/encoder-capabilities.ts';
import { describeEncoder, type VideoEncoderName } from '../../src-shared/domain/video-encoder.ts';
import type { FromProbe, ToProbe } from './probe-contract.ts';
import type { ServiceHost } from './service.ts';

export interface ProbeRunOptions {
  services: ServiceHost;
  encoders: VideoEncoderName[];
  /** how long one encoder may take: a driver's first session takes up to a second, and software waits for the processor alone */
  hardwareTimeoutMs?: number;
  softwareTimeoutMs?: number;
  signal: AbortSignal;
}

const HARDWARE_TIMEOUT_MS = 4_000;
const SOFTWARE_TIMEOUT_MS = 20_000;

/** @returns an answer for each encoder, in their order; fewer when aborted */
export async function runProbe(options: ProbeRunOptions): Promise<EncoderCapabilities[]> {
  const lanes = new Map<string, VideoEncoderName[]>();
  for (const encoder of options.encoders) {
    const { family, hardware } = describeEncoder(encoder);
    const lane = hardware ? family : 'software'; // which shares one: it does not crash
    lanes.set(lane, [...(lanes.get(lane) ?? []), encoder]);
  }
  const found = (await Promise.all([...lanes.values()].map((encoders) => probeLane(encoders, options)))).flat();
  return options.encoders.flatMap((encoder) => found.find((capabilities) => capabilities.encoder === encoder) ?? []);
}

async function probeLane(encoders: VideoEncoderName[], options: ProbeRunOptions): Promise<EncoderCapabilities[]> {
  const answers: EncoderCapabilities[] = [];
  while (answers.length < encoders.length && !options.signal.aborted) {
    const rest = encoders.slice(answers.length);
    const { found, end } = await probeOnce(rest, options);
    answers.push(...found);
    const [culprit, ...others] = rest.slice(found.length);
    if (culprit === undefined || options.signal.aborted) break;
    answers.push({ encoder: culprit, available: false, reason: end });
    if (end.code === 'hung') answers.push(...others.map((encoder) => ({ encoder, available: false as const, reason: end })));
  }
  return answers;
}

type End = Extract<EncoderCapabilities, { available: false }>['reason'];

/** One process: the answers it gave, and why there is none for the next. */
function probeOnce(
  encoders: VideoEncoderName[],
  { services, hardwareTimeoutMs = HARDWARE_TIMEOUT_MS, softwareTimeoutMs = SOFTWARE_TIMEOUT_MS, signal }: ProbeRunOptions,
): Promise<{ found: EncoderCapabilities[]; end: End }> {
  const found: EncoderCapabilities[] = [];
  const hardware = encoders.some((encoder) => describeEncoder(encoder).hardware);
  const timeoutMs = hardware ? hardwareTimeoutMs : softwareTimeoutMs;
  const probe = services.start<ToProbe, FromProbe>('probe');
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | null = null;
    const finish = (end: End) => {
      if (timer) clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      unlisten();
      probe.kill('SIGKILL'); // its answers are here; native code may mind an orderly exit
      resolve({ found, end });
    };
    const abort = () => finish({ code: 'failed', detail: '' });
    const expectAnswer = (limitMs: number) => {
      if (timer) clearTimeout(timer);
      timer = setTimeout(() => finish({ code: 'hung', detail: String(limitMs / 1_000) }), limitMs);
    };
    const unlisten = probe.onMessage((message) => {
      if (message.type === 'done') return finish({ code: 'failed', detail: '' });
      if (message.type === 'found') found.push(message.capabilities);
      expectAnswer(timeoutMs);
    });
    probe.onExit(({ code, signal: how }) => finish({ code: 'crashed', detail: how ?? `exit code ${code}` }));
    signal.addEventListener('abort', abort);
    // the process starts and loads FFmpeg first, beside the studio that starts too
    expectAnswer(softwareTimeoutMs);
    probe.send({ type: 'probe', encoders });
  });
}
