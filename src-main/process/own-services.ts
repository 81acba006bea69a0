/** How a service starts services of its own: by itself under Node, through the shell in an Electron utilityProcess. */
import { connectShell } from './parent.ts';
import { ParentServiceHost, type ServiceNotice, type ServiceRequest } from './parent-services.ts';
import { NodeServiceHost, type ServiceHost } from './service.ts';

export function ownServices(): ServiceHost {
  const shell = connectShell<ServiceRequest, ServiceNotice>();
  if (!shell) return new NodeServiceHost();
  const services = new ParentServiceHost(shell);
  shell.onMessage((notice) => services.notice(notice));
  shell.onPort((label, channel) => void services.port(label, channel));
  return services;
}
