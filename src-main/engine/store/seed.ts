/** What a new studio begins with: a scene that shows something at once, and a show that can start without an account. */
import { DEFAULT_PROFILE, Destination, type Profile, REHEARSAL_ID, SceneCollection } from '../../../src-shared/domain/index.ts';

export const FIRST_PROFILE: Profile = DEFAULT_PROFILE;

const { widthPx, heightPx } = DEFAULT_PROFILE.video;

export const FIRST_COLLECTION: SceneCollection = SceneCollection.parse({
  name: 'My show',
  canvas: { widthPx, heightPx, background: '#000000' },
  programSceneId: 'opening',
  scenes: [
    {
      id: 'opening',
      name: 'Opening',
      items: [
        {
          id: 'opening-background',
          sourceId: 'background',
          locked: true,
          fit: 'stretch',
          transform: { xPx: 0, yPx: 0, widthPx, heightPx },
        },
        { id: 'opening-title', sourceId: 'title', transform: { xPx: 140, yPx: 280, widthPx: 1_000, heightPx: 160 } },
      ],
    },
  ],
  sources: [
    { id: 'background', name: 'Background', kind: 'colour', colour: '#12303b' },
    { id: 'title', name: 'Title', kind: 'text', text: 'The show starts soon', fontSizePx: 88, align: 'center' },
  ],
  audioInputs: [{ id: 'microphone', name: 'Microphone', deviceId: null }],
});

/** Our own server knows how to follow a change of size. */
export const REHEARSAL: Destination = Destination.parse({
  id: REHEARSAL_ID,
  name: 'Local rehearsal',
  kind: 'rehearsal',
  url: '',
  enabled: true,
  rate: { allowSizeChange: true },
});
