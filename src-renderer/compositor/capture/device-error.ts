/** What the browser says when a device cannot be opened, as failures that tell the user what to do. */
import { type ErrorCode, type Failure, StudioError } from '../../../src-shared/errors.ts';

type DeviceWord = 'camera' | 'microphone' | 'screen';

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
  const code = CODES[error instanceof DOMException ? error.name : ''];
  if (code) return deviceFailure(code, device, name);
  return {
    code: 'internal',
    message: `The ${device} of "${name}" could not be opened: ${error instanceof Error ? error.message : String(error)}`,
  };
}

function messageOf(code: ErrorCode, device: DeviceWord, name: string): string {
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
