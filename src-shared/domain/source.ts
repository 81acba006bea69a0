/** What can be put into a scene. One discriminated union; the compositor has one file per kind. */
import { z } from 'zod';
import { Colour } from './colour.ts';
import { FILTERS_MAX, Filter } from './filter.ts';
import { AssetId, SourceId } from './ids.ts';

const base = {
  id: SourceId,
  name: z.string().min(1).max(100),
  /** what is done to its picture before any scene shows it, in this order */
  filters: z.array(Filter).max(FILTERS_MAX).default([]),
};

export const CameraSource = z.strictObject({
  ...base,
  kind: z.literal('camera'),
  /** MediaDeviceInfo.deviceId; null means the system's default camera */
  deviceId: z.string().max(256).nullable(),
  /** the label the device had when it was chosen, to find it again when its id has changed */
  deviceLabel: z.string().max(256).default(''),
  widthPx: z.int().min(16).max(7680).default(1280),
  heightPx: z.int().min(16).max(4320).default(720),
  frameRate: z.number().min(1).max(240).default(30),
  mirrored: z.boolean().default(false),
});

export const ScreenSource = z.strictObject({
  ...base,
  kind: z.literal('screen'),
  /** Electron's desktopCapturer id; null means ask (the browser's own picker) */
  captureId: z.string().max(256).nullable(),
  frameRate: z.number().min(1).max(120).default(30),
  cursor: z.boolean().default(true),
});

export const PictureSource = z.strictObject({ ...base, kind: z.literal('picture'), assetId: AssetId });

export const TextSource = z.strictObject({
  ...base,
  kind: z.literal('text'),
  text: z.string().max(5_000),
  fontFamily: z.string().max(100).default('system-ui'),
  fontSizePx: z.number().min(4).max(1_000).default(64),
  fontWeight: z.int().min(100).max(900).default(600),
  colour: Colour.default('#ffffff'),
  background: Colour.default('#00000000'),
  align: z.enum(['left', 'center', 'right']).default('left'),
});

export const ColourSource = z.strictObject({ ...base, kind: z.literal('colour'), colour: Colour });

/** Bars with a running clock. With `tickStrip` the machine-readable strip of the tick index is drawn along the top. */
export const TestCardSource = z.strictObject({ ...base, kind: z.literal('testCard'), tickStrip: z.boolean().default(false) });

/** A white flash and a 1 kHz beep at the same instant, once every `periodMs` of engine time. */
export const AvTestSource = z.strictObject({ ...base, kind: z.literal('avTest'), periodMs: z.int().min(500).max(10_000).default(2_000) });

export const Source = z.discriminatedUnion('kind', [
  CameraSource,
  ScreenSource,
  PictureSource,
  TextSource,
  ColourSource,
  TestCardSource,
  AvTestSource,
]);
export type Source = z.infer<typeof Source>;
export type SourceKind = Source['kind'];
export type SourceOf<K extends SourceKind> = Extract<Source, { kind: K }>;
