/** What the browser says when a device cannot be opened, as failures that tell the user what to do. */
import { type ErrorCode, type Failure, StudioError } from '../../../src-shared/errors.ts';

export type DeviceWord = 'camera' | 'microphone' | 'screen' | 'desktop';

const CODES: Record<string, ErrorCode> = {
  NotAllowedError: 'device.permission-denied',
  SecurityError: 'device.permission-denied',
  NotFoundError: 'device.not-found',
  NotReadableError: 'device.in-use',
  AbortError: 'device.in-use',
  OverconstrainedError: 'device.constraint',
};

export function deviceFailure(code: ErrorCode, device: DeviceWord, name: string): Failure {
  return { code, message: messageOf(code, device, name) };
}

/** @param error what getUserMedia or getDisplayMedia rejected with @see https://w3c.github.io/mediacapture-main/#dom-mediadevices-getusermedia */
export function toDeviceFailure(error: unknown, device: DeviceWord, name: string): Failure {
  if (error instanceof StudioError) return { code: error.code, message: error.message };
  // without a click the browser gives nothing away: asked for again by one, it does
  if (device === 'desktop' && error instanceof DOMException && error.name === 'InvalidStateError')
    return deviceFailure('device.not-found', device, name);
  const code = CODES[error instanceof DOMException ? error.name : ''];
  if (code) return deviceFailure(code, device, name);
  return {
    code: 'internal',
    message: `The ${device} of "${name}" could not be opened: ${error instanceof Error ? error.message : String(error)}`,
  };
}

function messageOf(code: ErrorCode, device: DeviceWord, name: string): string {
  if (device === 'desktop') return desktopMessageOf(code, name);
  switch (code) {
    case 'device.permission-denied':
      return `Tidecast may not use the ${device} for "${name}". Allow it in the browser's or the system's privacy settings, then retry.`;
    case 'device.in-use':
      return `Another program is using the ${device} of "${name}". Close it there, then retry.`;
    case 'device.unplugged':
      return `The ${device} of "${name}" was unplugged or has stopped. Plug it in again and it comes back by itself, or retry.`;
    case 'device.constraint':
      return `The ${device} of "${name}" does not offer this format. Choose another resolution or frame rate.`;
    default:
      return device === 'screen'
        ? `No screen or window is chosen for "${name}". Choose one to share.`
        : `The ${device} of "${name}" is not connected. Plug it in, or choose another one.`;
  }
}

function desktopMessageOf(code: ErrorCode, name: string): string {
  switch (code) {
    case 'device.not-found':
      return `Choose what "${name}" is to hear: retry, pick a screen or tab, and share its sound.`;
    case 'device.unplugged':
      return `The sound of "${name}" is no longer shared. Retry to share it again.`;
    case 'device.permission-denied':
      return `Tidecast may not hear the computer for "${name}". Retry and allow it, or look into the system's privacy settings.`;
    default:
      return `This system does not give the computer's sound to "${name}". Share a tab with its sound, or add an input that carries it ("Monitor of …" on Linux, a virtual cable elsewhere).`;
  }
}
