/** Takes `NAME VALUE` or `NAME=VALUE` out of a command line. @throws without a value */
export function takeOption(args: string[], name: string): { value: string | undefined; rest: string[] } {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  if (at < 0) return { value: undefined, rest: args };
  const isJoined = args[at] !== name;
  const value = isJoined ? args[at]?.slice(name.length + 1) : args[at + 1];
  if (!value) throw new Error(`${name} needs a value.`);
  return { value, rest: args.toSpliced(at, isJoined ? 1 : 2) };
}
