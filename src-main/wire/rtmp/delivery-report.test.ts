import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCommand } from './command.ts';
import { deliveryReport, deliveryReportOf, isReporting, REPORT_PROPERTIES } from './delivery-report.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const command = (name: string, args: unknown[]) => ({ name, transactionId: 0, object: null, args: args as number[] });

test('a report is a command of 48 bytes on a chunk stream of its own', () => {
  const message = deliveryReport({ receivedBytes: 3_073, arrivedMs: 1.5 });
  expect(message).toMatchObject({ chunkStreamId: 7, type: 20, streamId: 0 });
  const name = Buffer.from('tidecastReceived').toString('hex');
  expect(hex(message.payload)).toBe(`020010${name}000000000000000000050040a8020000000000003ff8000000000000`);
});

test('property: what is written is read', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.double({ min: 0, max: 2 ** 50, noNaN: true }), (receivedBytes, arrivedMs) => {
      const report = { receivedBytes, arrivedMs };
      const told = { ...report, clock: { sentMs: arrivedMs, unixMs: receivedBytes } };
      expect(deliveryReportOf(decodeCommand(deliveryReport(told).payload))).toEqual(told);
      expect(deliveryReportOf(decodeCommand(deliveryReport(report).payload))).toEqual(report);
    }),
  );
});

test.each<[string, unknown[]]>([
  ['nothing', []],
  ['a word', ['1', 2]],
  ['a negative count', [-1, 2]],
  ['no number', [Number.NaN, 2]],
  ['no end', [1, Number.POSITIVE_INFINITY]],
  ['more than counts exactly', [2 ** 60, 2]],
])('a report of %s is none', (_, args) => {
  expect(deliveryReportOf(command('tidecastReceived', args))).toBeNull();
});

test('other commands are no reports', () => {
  expect(deliveryReportOf(command('onStatus', [1, 2]))).toBeNull();
});

test('only whoever says so reports', () => {
  const connect = { ...command('connect', []), object: { app: 'live', ...REPORT_PROPERTIES } };
  expect(isReporting(connect)).toBe(true);
  expect(isReporting({ ...connect, object: { app: 'live', tidecastReports: 2 } })).toBe(false);
  expect(isReporting({ ...connect, object: null })).toBe(false);
});
