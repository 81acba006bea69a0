/** The renderer's end of the media connection against the encoder's own, over message ports as in the desktop shell. */
import { expect, test } from 'vitest';
import { MediaInputs } from '../../src-main/encoder/media-input.ts';
import { MediaLink } from '../../src-renderer/compositor/link/media-link.ts';
import { messagePortChannel, type PortLike } from '../../src-shared/ipc/message-port-channel.ts';
import { eventually, sleep } from '../support/encoder-harness.ts';

/** well beyond a link's pause before it tries again */
const RETRIES_MS = 600;

test('of two pages the newcomer feeds the encoder, and the other stays away until it is asked to come back', async () => {
  const inputs = new MediaInputs({ video() {}, audio() {}, connected() {}, nowUs: () => 0 });
  const ports: MessagePort[] = [];
  const page = () => {
    const said: string[] = [];
    const link = new MediaLink({
      role: 'video',
      request: async () => {
        const { port1, port2 } = new MessageChannel();
        ports.push(port1);
        inputs.accept(messagePortChannel(port2 as PortLike), null);
        return { kind: 'port', port: port1 };
      },
      onOpen: () => said.push('open'),
      onReply: () => {},
      onReplaced: ({ code }) => said.push(code),
    });
    return { link, said };
  };
  const first = page();
  const second = page();
  first.link.wanted = true;
  await eventually(() => first.link.channel !== null, 'the first page');
  second.link.wanted = true;
  await eventually(() => first.said.length > 1, 'a word to the first page');
  await sleep(RETRIES_MS);
  expect(first).toMatchObject({ said: ['open', 'media.replaced'], link: { channel: null } });
  expect(second.said).toEqual(['open']);

  first.link.reopen();
  await eventually(() => first.link.channel !== null && second.link.channel === null, 'the first page again');
  first.link.reopen(); // its own old connection does not count as another page
  await eventually(() => first.said.length === 4, 'the first page once more');
  await sleep(RETRIES_MS);
  expect(first.said).toEqual(['open', 'media.replaced', 'open', 'open']);
  expect(second.said).toEqual(['open', 'media.replaced']);
  expect(first.link.channel).not.toBeNull();
  for (const port of ports) port.close();
  first.link.wanted = false;
});
