/** The encoder process. It runs under the engine or the shell and ends when that is gone. */
import type { FromEncoder, ToEncoder } from '../process/encoder-contract.ts';
import { connectParent } from '../process/parent.ts';
import { Encoder } from './encoder.ts';
import { loadMediaTools } from './load-media-tools.ts';
import { killPrograms, onProgramsChanged } from './programs.ts';

/** Electron keeps a utility process alive; a Node child ends by itself once its last message has left. */
const EXIT_AFTER_MS = 500;

const parent = connectParent<FromEncoder, ToEncoder>();
if (!parent) {
  process.stderr.write('The encoder is started by the engine. Start Tidecast with `npm start`.\n');
  process.exit(2);
}
const tools = await loadMediaTools();
if (tools.note) process.stderr.write(`encoder: ${tools.note}\n`);
onProgramsChanged((pids) => parent.send({ type: 'programs', pids }));

let encoder: Encoder | null = null;

async function stop(): Promise<void> {
  await encoder?.stop();
  if (!encoder) parent?.send({ type: 'stopped' });
  process.channel?.unref();
  setTimeout(() => process.exit(0), EXIT_AFTER_MS).unref();
}

parent.onMessage((message) => {
  if (message.type === 'stop') return void stop();
  if (message.type !== 'start') return encoder?.receive(message);
  encoder ??= new Encoder(message.epochNs, tools, (reply) => parent.send(reply));
  void encoder.start(message.listen);
});
parent.onPort((label, channel) => {
  if (label === 'media' && encoder) encoder.acceptPort(channel);
  else channel.close();
});
// An orderly exit would wait for native calls; there is nobody left to wait for.
parent.onGone(() => {
  killPrograms();
  process.kill(process.pid, 'SIGKILL');
});
// Ctrl-C reaches every process of the terminal: the engine decides when we stop.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => void stop());
