/**
 * The programs that work for this process. They end when their input does, unless they stand still: whoever is left has to
 * end them then, so the engine is told which they are.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

export type Program = ChildProcessByStdio<Writable, Readable, Readable>;

const running = new Set<Program>();
let tell: (pids: number[]) => void = () => {};

/** From now on the listener hears whenever one has started or ended. */
export function onProgramsChanged(listener: (pids: number[]) => void): void {
  tell = listener;
}

/** All of its streams are pipes. Its `error` is the caller's: without one it has started. */
export function startProgram(file: string, args: string[]): Program {
  // without it libsvtav1's greeting would come before the reason why it fails
  const env = { SVT_LOG: '1', ...process.env };
  const program = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true, env });
  if (program.pid === undefined) return program;
  running.add(program);
  program.once('exit', () => {
    running.delete(program);
    tell(pids());
  });
  tell(pids());
  return program;
}

/** Nobody waits for them: this process ends. */
export function killPrograms(): void {
  for (const program of running) program.kill('SIGKILL');
}

const pids = () => [...running].flatMap(({ pid }) => pid ?? []);
