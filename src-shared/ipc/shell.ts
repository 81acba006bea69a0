/**
 * What only the Electron shell can do. In the browser host `window.tidecast` is absent and the interface hides or
 * replaces these. The preload exposes exactly this bridge and nothing else.
 */
import { z } from 'zod';
import type { Result } from '../errors.ts';

const call = <I extends z.ZodType, O extends z.ZodType>(input: I, output: O) => ({ input, output });

export const shellCalls = {
  /** how the renderer reaches the engine: a MessagePort follows by window.postMessage, or a WebSocket with its token */
  'shell.engine': call(
    z.void(),
    z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('port') }),
      z.strictObject({ kind: z.literal('webSocket'), url: z.string(), token: z.string() }),
    ]),
  ),
  /** asks for one media port (role is told in the hello); it arrives by window.postMessage as { tidecast: 'media-port', requestId } */
  'shell.mediaPort': call(z.strictObject({ requestId: z.string().max(64) }), z.void()),
  'shell.pickFolder': call(z.strictObject({ title: z.string().max(200) }), z.string().nullable()),
  'shell.revealFile': call(z.strictObject({ path: z.string().max(4_096) }), z.void()),
  'shell.openExternal': call(z.strictObject({ url: z.url({ protocol: /^https?$/ }) }), z.void()),
  'shell.screens': call(
    z.void(),
    z.array(z.strictObject({ captureId: z.string(), name: z.string(), kind: z.enum(['screen', 'window']), thumbnailDataUrl: z.string() })),
  ),
  /** the tray, the taskbar and the window's title follow the session */
  'shell.onAir': call(z.strictObject({ state: z.enum(['idle', 'rehearsal', 'live']) }), z.void()),
} as const;

export type ShellCallName = keyof typeof shellCalls;
export type ShellCallInput<N extends ShellCallName> = z.input<(typeof shellCalls)[N]['input']>;
export type ShellCallOutput<N extends ShellCallName> = z.output<(typeof shellCalls)[N]['output']>;

/** `window.tidecast`, made by the preload with contextBridge. */
export interface ShellBridge {
  readonly host: 'electron';
  invoke<N extends ShellCallName>(name: N, input: ShellCallInput<N>): Promise<Result<ShellCallOutput<N>>>;
}
