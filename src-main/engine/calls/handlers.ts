/** Every call of the contract, answered. */
import type { Handlers } from '../../../src-shared/ipc/rpc.ts';
import { activityCalls } from './activity.ts';
import { assetCalls } from './assets.ts';
import { collectionCalls } from './collection.ts';
import type { EngineContext } from './context.ts';
import { destinationCalls } from './destinations.ts';
import { encoderCalls } from './encoders.ts';
import { mediaCalls } from './media.ts';
import { metricCalls } from './metrics.ts';
import { profileCalls } from './profiles.ts';
import { recordingCalls } from './recordings.ts';
import { sessionCalls } from './session.ts';
import { studioCalls } from './studio.ts';

export function makeHandlers(context: EngineContext): Handlers {
  return {
    ...studioCalls(context),
    ...collectionCalls(context),
    ...profileCalls(context),
    ...destinationCalls(context),
    ...encoderCalls(context),
    ...sessionCalls(context),
    ...recordingCalls(context),
    ...mediaCalls(context),
    ...assetCalls(context),
    ...activityCalls(context),
    ...metricCalls(context),
  };
}
