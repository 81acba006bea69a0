import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../tests/support/hex.ts';
import { decodeCommand, encodeCommand, onStatus, reconnectRequest, reconnectRequestOf } from './command.ts';

const text = (value: string) => value.length.toString(16).padStart(4, '0') + toHex(new TextEncoder().encode(value));
const entry = (key: string, value: string) => `${text(key)}02${text(value)}`;
/** onStatus, transaction 0, null, and an information object */
const onStatusHex = (...entries: string[]) => `02${text('onStatus')}00000000000000000005 03${entries.join('')}000009`.replaceAll(' ', '');
const status = entry('level', 'status') + entry('code', 'NetConnection.Connect.ReconnectRequest');

describe('a reconnect request, both directions (Enhanced RTMP v2)', () => {
  test.each([
    [
      'to another address',
      'rtmp://b.example:1936/live',
      onStatusHex(status, entry('tcUrl', 'rtmp://b.example:1936/live'), entry('description', 'moving')),
    ],
    ['to an address relative to this one', '/other', onStatusHex(status, entry('tcUrl', '/other'), entry('description', 'moving'))],
    ['to the same address', '', onStatusHex(status, entry('description', 'moving'))],
  ])('%s', (_what, tcUrl, hex) => {
    expect(toHex(encodeCommand(reconnectRequest(tcUrl, 'moving')))).toBe(hex);
    expect(reconnectRequestOf(decodeCommand(fromHex(hex)))).toBe(tcUrl);
  });

  test('other statuses and other commands are none', () => {
    expect(reconnectRequestOf(onStatus('status', 'NetStream.Publish.Start', ''))).toBeNull();
    expect(reconnectRequestOf({ ...reconnectRequest('', ''), name: '_result' })).toBeNull();
  });

  test('an address that is no text asks for the same one', () => {
    const request = {
      name: 'onStatus',
      transactionId: 0,
      object: null,
      args: [{ code: 'NetConnection.Connect.ReconnectRequest', tcUrl: 7 }],
    };
    expect(reconnectRequestOf(request)).toBe('');
  });
});
