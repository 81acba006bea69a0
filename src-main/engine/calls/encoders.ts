import { encoderOptions } from '../../encoder/options/encoder-options.ts';
import { fallbackChain } from '../encoder/fallback.ts';
import type { AreaHandlers, EngineContext } from './context.ts';

export function encoderCalls({ encoders }: EngineContext): AreaHandlers<'encoders'> {
  const works = () => encoders.report.encoders.flatMap(({ encoder, available }) => (available ? [encoder] : []));
  return {
    'encoders.list': () => encoders.list(),
    'encoders.probe': () => encoders.probe(),
    'encoders.ignored': (video) => encoderOptions(video).ignored,
    'encoders.chain': ({ video, list }) => fallbackChain(video, { list, works: works(), onlyCodec: null }),
  };
}
