import type { StudioMediaOptions } from '../studio-media.ts';
import type { Backend } from './backend.ts';
import { CpuBackend } from './cpu/cpu-backend.ts';

export async function createBackend(_wanted: NonNullable<StudioMediaOptions['backend']>): Promise<Backend> {
  return CpuBackend.create();
}
