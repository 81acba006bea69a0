/** What needs node-av, loaded with one import: it may not load here. */
import { AV_LOG_FATAL } from 'node-av/constants';
import { Log } from 'node-av/lib';
import '../video/node-av-encoder.ts';

export { LadderWork } from './ladder.ts';

/** What strangers send may be broken a hundred times a second; that is no news of this machine. */
export const quiet = () => Log.setLevel(AV_LOG_FATAL);
