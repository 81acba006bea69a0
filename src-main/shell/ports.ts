/** Joins a page and a utility process, or two utility processes, by a MessagePort of their own. */
import { MessageChannelMain, type UtilityProcess, type WebContents } from 'electron';
import type { PortEnvelope } from '../process/parent.ts';

/** @param pageMessage what the page's window receives beside the port, through the preload */
export function joinPage(contents: WebContents, pageMessage: object, child: UtilityProcess, label: string): void {
  const { port1, port2 } = new MessageChannelMain();
  child.postMessage({ tidecastPort: label } satisfies PortEnvelope, [port2]);
  contents.postMessage('tidecast:port', pageMessage, [port1]);
}

export function joinProcesses(one: UtilityProcess, labelForOne: string, other: UtilityProcess, labelForOther: string): void {
  const { port1, port2 } = new MessageChannelMain();
  one.postMessage({ tidecastPort: labelForOne } satisfies PortEnvelope, [port1]);
  other.postMessage({ tidecastPort: labelForOther } satisfies PortEnvelope, [port2]);
}
