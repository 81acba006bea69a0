import { describe, expect, test } from 'vitest';
import { isPrivateAddress, redirectOf } from './redirect.ts';

const KEY = 'live_1234_verySecretKey';

describe('a server sends us', () => {
  test.each([
    ['to another port', 'rtmp://live.example.com/app', 'rtmp://live.example.com:1936/app', 'live.example.com:1936'],
    ['to a neighbour', 'rtmp://live.example.com/app', 'rtmp://a.b.example.com/app', 'a.b.example.com:1935'],
    ['to a neighbour, in capitals', 'rtmp://live.example.com/app', 'rtmp://A.Example.COM./app', 'A.Example.COM.:1935'],
    ['to itself, encrypted', 'rtmp://live.example.com/app', 'rtmps://live.example.com/app', 'live.example.com:443'],
    ['to a neighbour in Britain', 'rtmp://live.example.co.uk/app', 'rtmp://b.example.co.uk/app', 'b.example.co.uk:1935'],
    ['to its own address', 'rtmp://192.0.2.1/app', 'rtmp://192.0.2.1:1936/app', '192.0.2.1:1936'],
    ['elsewhere on this computer', 'rtmp://localhost/app', 'rtmp://localhost:1936/app', 'localhost:1936'],
    ['to another application', 'rtmp://live.example.com/app', '/other', 'live.example.com:1935'],
  ])('%s: we follow', (_what, from, to, label) => expect(redirectOf(from, to, KEY)).toMatchObject({ label, url: expect.any(String) }));

  test.each([
    ['a stranger', 'rtmp://live.example.com/app', 'rtmp://live.example.net/app', /live\.example\.net:1935/],
    ['a stranger with our name in front', 'rtmp://example.com/app', 'rtmp://example.com.evil.net/app', /evil\.net:1935/],
    ['a stranger whose name ends like ours', 'rtmp://example.com/app', 'rtmp://badexample.com/app', /badexample\.com:1935/],
    ['a stranger in Britain', 'rtmp://live.example.co.uk/app', 'rtmp://other.co.uk/app', /other\.co\.uk:1935/],
    ['another address', 'rtmp://192.0.2.1/app', 'rtmp://192.0.2.2/app', /192\.0\.2\.2:1935/],
    ['an address instead of a name', 'rtmp://live.example.com/app', 'rtmp://192.0.2.2/app', /192\.0\.2\.2:1935/],
    ['this computer', 'rtmp://live.example.com/app', 'rtmp://127.0.0.1/app', /127\.0\.0\.1:1935/],
    ['this computer by name', 'rtmp://127.0.0.1/app', 'rtmp://localhost/app', /localhost:1935/],
    ['a plain connection', 'rtmps://live.example.com/app', 'rtmp://live.example.com/app', /of no use/],
    ['a name in disguise', 'rtmp://live.example.com/app', 'rtmp://%61.example.com/app', /of no use/],
    ['another protocol', 'rtmp://live.example.com/app', 'http://live.example.com/app', /of no use/],
  ])('to %s: we do not', (_what, from, to, why) => expect(redirectOf(from, to, KEY)).toEqual({ refused: expect.stringMatching(why) }));

  test.each([`abcd-efgh-ijkl://x/y`, 'rtmp://abcd-efgh-ijkl.example.com/app', 'rtmp://ABCD-EFGH-IJKL.evil.net/app'])(
    '%s, which holds the key: it is shown nowhere',
    (to) => {
      const redirect = redirectOf('rtmp://live.example.com/app', to, 'app/abcd-efgh-ijkl?x=1');
      expect(redirect).toEqual({ refused: expect.any(String) });
      expect(JSON.stringify(redirect)).not.toMatch(/abcd-efgh-ijkl/i);
    },
  );
});

test('private addresses', () => {
  const own = [
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.0.1',
    '169.254.1.1',
    '100.64.0.1',
    '::1',
    'fd00::1',
    'fe80::1',
    '::ffff:10.0.0.1',
  ];
  expect(own.filter((address) => !isPrivateAddress(address))).toEqual([]);
  expect(['192.0.2.1', '172.32.0.1', '2001:db8::1', '::ffff:192.0.2.1', 'example.com'].filter(isPrivateAddress)).toEqual([]);
});
