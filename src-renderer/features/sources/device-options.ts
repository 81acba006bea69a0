import type { Option } from '../../ui/fields.tsx';

/** Devices of a kind for a select; one that was chosen and is gone stays in the list, so the choice is not lost. */
export function deviceOptions(
  devices: readonly MediaDeviceInfo[],
  kind: MediaDeviceKind,
  chosen: { deviceId: string | null; deviceLabel: string },
  systemDefault: string,
): Option<string>[] {
  const present = devices
    .filter((device) => device.kind === kind && device.deviceId !== '' && device.deviceId !== 'default')
    .map(({ deviceId, label }, index) => ({ value: deviceId, label: label || `${systemDefault} ${index + 1}` }));
  const options = [{ value: '', label: systemDefault }, ...present];
  if (chosen.deviceId && !present.some(({ value }) => value === chosen.deviceId))
    options.push({ value: chosen.deviceId, label: chosen.deviceLabel || chosen.deviceId });
  return options;
}
