/** The started side: answers over the port it was handed, and hangs when told to. */
import { connectParent } from '../../../src-main/process/parent.ts';

export type Question = { kind: 'echo'; bytes: Uint8Array; epochNs: bigint } | { kind: 'hang' };
export type Answer =
  | { kind: 'echo'; bytes: Uint8Array; epochNs: bigint; pid: number; args: string[]; flavour: string | undefined; execArgv: string[] }
  | { kind: 'hanging' };

const parent = connectParent<Answer, Question>();
// As the encoder does that loads its codecs first: what comes meanwhile has to wait.
setTimeout(() => parent?.onMessage(answer), 200);

function answer(question: Question): void {
  if (question.kind === 'echo') {
    const { bytes, epochNs } = question;
    parent?.send({
      kind: 'echo',
      bytes: new Uint8Array(bytes).reverse(),
      epochNs,
      pid: process.pid,
      args: process.argv.slice(2),
      flavour: process.env['TIDECAST_FLAVOUR'],
      execArgv: process.execArgv,
    });
    return;
  }
  parent?.send({ kind: 'hanging' });
  // from here on no polite request is heard
  setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 100);
}
