import { StudioError } from '../../../src-shared/errors.ts';
import { deviceFailure } from './device-error.ts';

interface Wanted {
  name: string;
  deviceId: string | null;
  deviceLabel: string;
}

/**
 * Ids change when site data is cleared or a host is replaced; the label then finds the device again.
 * @returns the constraint for getUserMedia; undefined asks for the system's default
 * @throws StudioError device.not-found when the chosen device is not connected
 */
export async function findDevice(
  kind: 'videoinput' | 'audioinput',
  { name, deviceId, deviceLabel }: Wanted,
): Promise<ConstrainDOMString | undefined> {
  if (deviceId === null) return undefined;
  const devices = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === kind);
  // Before permission was given, the list is anonymous: only the browser can tell.
  if (devices.every((device) => device.deviceId === '')) return { exact: deviceId };
  const found =
    devices.find((device) => device.deviceId === deviceId) ?? devices.find((device) => deviceLabel !== '' && device.label === deviceLabel);
  if (found) return { exact: found.deviceId };
  const { code, message } = deviceFailure('device.not-found', kind === 'videoinput' ? 'camera' : 'microphone', name);
  throw new StudioError(code, message);
}
