/** A small Electron app around the shell's service starter: an engine that asks for a service, as the shipped one does. */
import { app } from 'electron';
import type { ServiceRequest } from '../../../src-main/process/parent-services.ts';
import { forkService, UtilityServices } from '../../../src-main/shell/utility-services.ts';

void app.whenReady().then(() => {
  const engine = forkService(__dirname, 'engine');
  const services = new UtilityServices(__dirname, engine);
  engine.on('message', (message: ServiceRequest | { type: 'report' }) => {
    if (message.type !== 'report') return services.request(message);
    console.log(JSON.stringify({ ...message, found: services.find('encoder') !== null }));
    engine.kill();
    app.exit(0);
  });
});
