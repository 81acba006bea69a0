/** Composes a test card and sends it wherever the shell's port leads. */
import { createStudioMedia } from '../../../../src-renderer/compositor/create-studio-media.ts';
import { SceneCollection } from '../../../../src-shared/domain/index.ts';

const bridge = (window as unknown as { tidecast: { invoke(name: string, input: unknown): Promise<unknown> } }).tidecast;

function portFromShell(): Promise<MessagePort> {
  const requestId = crypto.randomUUID();
  return new Promise((resolve) => {
    window.addEventListener('message', function receive(event) {
      if (event.data?.requestId !== requestId || !event.ports[0]) return;
      window.removeEventListener('message', receive);
      resolve(event.ports[0]);
    });
    void bridge.invoke('shell.mediaPort', { requestId });
  });
}

const media = createStudioMedia({
  openMedia: async () => ({ kind: 'port', port: await portFromShell() }),
  assetUrl: (id) => `assets/${id}`,
  tickStrip: true,
});
media.setCollection(
  SceneCollection.parse({
    name: 'Port path',
    canvas: { widthPx: 1280, heightPx: 720 },
    programSceneId: 'one',
    scenes: [
      { id: 'one', name: 'One', items: [{ id: 'card', sourceId: 'card', transform: { xPx: 0, yPx: 0, widthPx: 1280, heightPx: 720 } }] },
    ],
    sources: [{ id: 'card', name: 'Card', kind: 'testCard' }],
    audioInputs: [],
  }),
);
media.setDemand({ widthPx: 1280, heightPx: 720, frameRate: 30 });
