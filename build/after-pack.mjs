// Flips Electron's fuses in the packed binary: no Node mode, no inspector, no options from the environment,
// the app from its own archive only, and no extra rights for file: pages.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FuseV1Options, FuseVersion, flipFuses, getCurrentFuseWire } from '@electron/fuses';

const FUSES = {
  [FuseV1Options.RunAsNode]: false,
  [FuseV1Options.EnableCookieEncryption]: true,
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  [FuseV1Options.EnableNodeCliInspectArguments]: false,
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
};

/** @param {{ appOutDir: string, electronPlatformName: string, packager: { appInfo: { productFilename: string }, executableName?: string } }} context */
export default async function afterPack(context) {
  const { appOutDir, electronPlatformName, packager } = context;
  const name = packager.appInfo.productFilename;
  const candidates = {
    darwin: [join(appOutDir, `${name}.app`)],
    win32: [join(appOutDir, `${name}.exe`)],
    linux: [join(appOutDir, packager.executableName ?? name), join(appOutDir, name.toLowerCase())],
  }[electronPlatformName];
  const binary = candidates?.find((path) => existsSync(path));
  if (binary === undefined) throw new Error(`No binary to set fuses in, looked for ${candidates?.join(', ')}`);
  // The stand-in of the tests is older than the newest fuses; the pinned Electron has them all.
  const wire = await getCurrentFuseWire(binary);
  const unknown = Object.keys(FUSES).filter((fuse) => !(fuse in wire));
  if (unknown.length > 0)
    console.log(`  • this Electron does not know the fuses ${unknown.map((fuse) => FuseV1Options[Number(fuse)]).join(', ')}`);
  const known = Object.fromEntries(Object.entries(FUSES).filter(([fuse]) => fuse in wire));
  // An arm64 binary for macOS does not start unless it is signed again; the signing proper comes after this.
  await flipFuses(binary, { version: FuseVersion.V1, resetAdHocDarwinSignature: electronPlatformName === 'darwin', ...known });
}
