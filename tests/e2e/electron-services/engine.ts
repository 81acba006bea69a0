/** The asking side: starts a service, talks to it, lets it hang, and kills it. */
import { connectParent } from '../../../src-main/process/parent.ts';
import { ParentServiceHost, type ServiceNotice, type ServiceRequest } from '../../../src-main/process/parent-services.ts';
import type { Answer, Question } from './encoder.ts';

const parent = connectParent<ServiceRequest | { type: 'report' }, ServiceNotice>();
if (!parent) throw new Error('started by hand');
const services = new ParentServiceHost(parent);
parent.onPort((label, channel) => services.port(label, channel));
parent.onMessage((notice) => services.notice(notice));

const service = services.start<Question, Answer>('encoder', { args: ['--rate', '30'], env: { TIDECAST_FLAVOUR: 'tide' } });
const report: Record<string, unknown> = {};
service.onMessage((answer) => {
  if (answer.kind === 'echo') {
    Object.assign(report, { ...answer, bytes: [...answer.bytes], epochNs: String(answer.epochNs), pidMatches: answer.pid === service.pid });
    service.send({ kind: 'hang' });
  } else service.kill('SIGKILL');
});
service.onExit(({ code }) => parent.send({ type: 'report', ...report, exitCode: code } as { type: 'report' }));
// sent before the service runs and has its port: it must wait, not be lost
service.send({ kind: 'echo', bytes: new Uint8Array([1, 2, 3]), epochNs: 2n ** 60n });
