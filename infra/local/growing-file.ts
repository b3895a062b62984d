import { closeSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';

/** A file that is written at its end. */
export interface GrowingFile {
  /** How long it is once everything that has been added is safe. */
  add(text: string): number;
  close(): void;
}

/** Goes on with a file behind its first `bytes`: what came behind them was not certain to be whole. */
export const growingFile = (path: string, bytes: number): GrowingFile => {
  const file = openSync(path, bytes === 0 ? 'w' : 'r+');
  ftruncateSync(file, bytes);
  let end = bytes;
  return {
    add(text) {
      const buffer = Buffer.from(text);
      for (let at = 0; at < buffer.length; ) at += writeSync(file, buffer, at, buffer.length - at, end + at);
      fsyncSync(file);
      end += buffer.length;
      return end;
    },
    close: () => closeSync(file),
  };
};
