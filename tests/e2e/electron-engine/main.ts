/** The shell's side: starts an engine that fails, and looks whether its process ends. */
import { setTimeout } from 'node:timers/promises';
import { app } from 'electron';
import { UtilityEngine } from '../../../src-main/shell/utility-engine.ts';
import { toFailure } from '../../../src-shared/errors.ts';

void app.whenReady().then(async () => {
  const failure = await UtilityEngine.start(__dirname, '0.0.0').then(() => null, toFailure);
  console.log(JSON.stringify({ code: failure?.code, ended: await ends(Number(failure?.message.split(' ')[1])) }));
  app.exit(0);
});

/** Electron tells an exit a little before the system has cleared the process away. */
async function ends(pid: number): Promise<boolean> {
  for (let look = 0; look < 50 && isAlive(pid); look += 1) await setTimeout(100);
  return !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
