/** Asks before a closed window or a quit ends a show. The system is never asked back: SIGTERM and shutdown just go. */
import type { OnAir } from './tray.ts';

export interface Question {
  message: string;
  detail: string;
  /** staying is the first, and the one that Esc chooses */
  buttons: [stay: string, leave: string];
}

const QUESTIONS: Record<OnAir, Question | null> = {
  idle: null,
  rehearsal: {
    message: 'A rehearsal is running.',
    detail: 'Quitting ends it.',
    buttons: ['Keep going', 'End it and quit'],
  },
  live: {
    message: 'You are live.',
    detail: 'Quitting ends the show for everyone who is watching.',
    buttons: ['Stay live', 'End the show and quit'],
  },
};

export class QuitGuard {
  readonly #ask: (question: Question) => Promise<boolean>;
  #onAir: OnAir = 'idle';
  #leaving = false;
  #asking = false;

  /** @param ask true: leave */
  constructor(ask: (question: Question) => Promise<boolean>) {
    this.#ask = ask;
  }

  show(state: OnAir): void {
    this.#onAir = state;
  }

  /** From now on nobody is asked: the user has agreed, or the system wants us gone. */
  letGo(): void {
    this.#leaving = true;
  }

  /**
   * @param event of a window that closes, or an application that quits
   * @param leave closes or quits anew, after the user has agreed
   * @returns true when the event has been held back
   */
  holds(event: { preventDefault(): void }, leave: () => void): boolean {
    const question = QUESTIONS[this.#onAir];
    if (this.#leaving || !question) return false;
    event.preventDefault();
    if (!this.#asking) void this.#putTo(question, leave);
    return true;
  }

  async #putTo(question: Question, leave: () => void): Promise<void> {
    this.#asking = true;
    const agreed = await this.#ask(question).catch(() => true); // a question that nobody can see must not keep the user
    this.#asking = false;
    if (!agreed || this.#leaving) return;
    this.letGo();
    leave();
  }
}
