import { test } from 'vitest';
import { judgePortShow } from '../support/port-show.ts';

/** 30 of them: npm run accept */
const SECONDS = 12;

test(`${SECONDS} s of 720p30 over MessagePorts to a utility process`, () => judgePortShow(SECONDS));
