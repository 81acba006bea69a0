import { expect, test } from 'vitest';
import type { Channel } from '../../src-shared/ipc/channel.ts';
import { EventHub } from './events.ts';
import type { Log } from './log.ts';

function setUp() {
  const told: string[] = [];
  const tell = (line: string) => void told.push(line);
  const log: Log = { debug() {}, info() {}, warn: tell, error: tell };
  return { hub: new EventHub(log), told };
}

function channelOf(sendJson: (value: unknown) => void): Channel {
  return { sendJson, sendBytes() {}, onMessage: () => () => {}, onClose: () => () => {}, bufferedBytes: 0, close() {} };
}

test('a page that nothing can be sent to silences no other, and is told of as that', () => {
  const { hub, told } = setUp();
  const got: unknown[] = [];
  const broken = () => {
    throw new Error('the port is gone');
  };
  hub.add(channelOf(broken));
  hub.add(channelOf((value) => void got.push(value)));
  hub.emit('session.changed', { phase: 'idle' });
  expect(got).toEqual([{ event: 'session.changed', value: { phase: 'idle' } }]);
  expect(told).toEqual([expect.stringContaining('the port is gone')]);
  expect(told[0]).not.toMatch(/contract/);
});

test('a value that does not fit its contract goes to nobody, and is told of once', () => {
  const { hub, told } = setUp();
  const got: unknown[] = [];
  for (let i = 0; i < 2; i += 1) hub.add(channelOf((value) => void got.push(value)));
  hub.emit('session.changed', { phase: 'lost' } as never);
  expect(got).toEqual([]);
  expect(told).toEqual([expect.stringContaining('contract')]);
});
