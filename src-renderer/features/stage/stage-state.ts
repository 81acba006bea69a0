import { create } from 'zustand';

export const useStage = create<{ cropping: boolean }>(() => ({ cropping: false }));

export function toggleCropping(): void {
  useStage.setState(({ cropping }) => ({ cropping: !cropping }));
}
