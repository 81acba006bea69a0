/** An engine that does not come up: it says so, but its process stays until it is told to stop. */
import type { FromEngine, ToEngine } from '../../../src-main/engine/main.ts';
import { connectParent } from '../../../src-main/process/parent.ts';

const parent = connectParent<FromEngine, ToEngine>();
parent?.onMessage(({ type }) => {
  if (type === 'engine.start') parent.send({ type: 'engine.failed', code: 'store.in-use', message: `process ${process.pid}` });
  else if (type === 'engine.stop') process.exit(0);
});
