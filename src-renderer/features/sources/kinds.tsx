import { AppWindow, Camera, Image, type LucideIcon, MonitorPlay, Palette, Timer, Type } from 'lucide-react';
import type { SourceKind } from '../../../src-shared/domain/index.ts';

export const SOURCE_ICONS: Record<SourceKind, LucideIcon> = {
  camera: Camera,
  screen: AppWindow,
  picture: Image,
  text: Type,
  colour: Palette,
  testCard: MonitorPlay,
  avTest: Timer,
};

/** In the order of the menu: what people come for first. */
export const SOURCE_KINDS: readonly SourceKind[] = ['camera', 'screen', 'picture', 'text', 'colour', 'testCard', 'avTest'];
