/** Short notices at the bottom of the window, for failures of what the user has just done. They also leave by themselves. */
import { create } from 'zustand';
import { type Failure, toFailure } from '../../../src-shared/errors.ts';

export interface Notice {
  id: number;
  failure: Failure;
}

export const useNotices = create<{ notices: readonly Notice[] }>(() => ({ notices: [] }));

const SHOWN_MS = 8_000;
let nextId = 1;

/** Says that something the user asked for failed. */
export function say(error: unknown): void {
  const notice = { id: nextId++, failure: toFailure(error) };
  useNotices.setState(({ notices }) => ({
    notices: [...notices.filter(({ failure }) => failure.message !== notice.failure.message), notice].slice(-3),
  }));
  setTimeout(() => dismiss(notice.id), SHOWN_MS);
}

export function dismiss(id: number): void {
  useNotices.setState(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) }));
}
