/** Who is compared: a rate controller, in the program that it is written for. */
import type { LinkTrace } from '../../../src-main/engine/link/trace.ts';
import type { RateController } from '../../../src-main/engine/rate-control/controller.ts';
import type { ProgramOptions } from '../sim/program.ts';

export interface Contender {
  name: string;
  /** the state is the controller's own affair */
  controller: (link: LinkTrace) => RateController<unknown>;
  program: ProgramOptions;
}
