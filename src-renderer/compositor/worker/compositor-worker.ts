/** Entry of the compositor worker. It owns the sources' frames, the picture and the video connection. */
import { createBackend } from '../backends/create-backend.ts';
import { adoptWelcome } from '../clock/clock-sync.ts';
import { MediaClock } from '../clock/media-clock.ts';
import { FilterAssets } from '../filters/filter-assets.ts';
import { ConnectionRequests } from '../link/connection-requests.ts';
import { MediaLink } from '../link/media-link.ts';
import type { SourceContext } from '../sources/source-picture.ts';
import { SourceSet } from '../sources/source-set.ts';
import { WipeMaps } from '../transitions/wipe-maps.ts';
import { Compositor } from './compositor.ts';
import { FrameSender } from './frame-sender.ts';
import type { FromCompositor, ToCompositor } from './messages.ts';
import { Previews } from './previews.ts';

const STATS_EVERY_MS = 1_000;

const post = (message: FromCompositor) => self.postMessage(message);

// Messages wait for the start: what it sets up is asynchronous.
let started: Promise<(message: ToCompositor) => void>;
self.onmessage = ({ data }: MessageEvent<ToCompositor>) => {
  if (data.type === 'start') started = start(data);
  else void started.then((handle) => handle(data));
};

async function start({
  memory,
  ticks,
  backend: wanted,
  tickStrip,
}: Extract<ToCompositor, { type: 'start' }>): Promise<(message: ToCompositor) => void> {
  const clock = new MediaClock(memory);
  const connections = new ConnectionRequests(post);
  const link = new MediaLink({
    role: 'video',
    request: () => connections.request(),
    onOpen(timeUs) {
      adoptWelcome(clock, timeUs);
      sender.onOpen();
    },
    onReply: (reply) => sender.onReply(reply),
    onReplaced: (failure) => post({ type: 'replaced', failure }),
  });
  const sender = new FrameSender(link);
  const previews = new Previews();
  const sources = new SourceSet();
  let assetUrls: Record<string, string> = {};
  const context: SourceContext = {
    canvas: { width: 0, height: 0 },
    assetUrl: (id) => assetUrls[id],
    onSize: (sourceId, sizePx) => post({ type: 'size', sourceId, sizePx }),
    onFailure: (sourceId, failure) => post({ type: 'failed', sourceId, failure }),
  };
  const filterAssets = new FilterAssets(context);
  const wipeMaps = new WipeMaps((id) => assetUrls[id]);
  const compositor = new Compositor({
    clock,
    backend: await createBackend(wanted),
    fallback: () => createBackend('cpu'),
    sources,
    filterAssets,
    wipeMaps,
    sender,
    previews,
    tickStrip,
  });
  ticks.onmessage = ({ data }: MessageEvent<number>) => void compositor.onTick(data);
  setInterval(() => post({ type: 'stats', stats: compositor.takeStats() }), STATS_EVERY_MS);

  return (message) => {
    switch (message.type) {
      case 'collection': {
        const { collection } = message;
        assetUrls = message.assetUrls;
        context.canvas = { width: collection.canvas.widthPx, height: collection.canvas.heightPx };
        sources.set(collection.sources, context);
        filterAssets.set(collection.sources);
        wipeMaps.set(collection, context.canvas);
        compositor.collection = collection;
        return;
      }
      case 'demand':
        clock.frameRate = message.demand?.frameRate ?? clock.frameRate;
        compositor.demand = message.demand;
        link.wanted = message.demand !== null;
        return;
      case 'bypass':
        compositor.bypassed = message.sourceId;
        return;
      case 'reopen':
        return link.reopen();
      case 'frames':
        return sources.setFrames(message.sourceId, message.frames);
      case 'preview':
        return previews.add(message.previewId, message.canvas);
      case 'preview-closed':
        return previews.remove(message.previewId);
      case 'visible':
        previews.visible = message.visible;
        return;
      case 'connection':
        return connections.settle(message);
      case 'start':
        return;
      default:
        return message satisfies never;
    }
  };
}
