import { expect, it } from 'vitest';
import { MAX_FILE_BYTES, plainName, whyNotKept } from '../../../domain/files/judge-file.ts';

it.each([
  ['a document', { name: 'plan.pdf', contentType: 'application/pdf', size: MAX_FILE_BYTES }, undefined],
  ['an archive', { name: 'logs.zip', contentType: 'application/zip' }, undefined],
  ['no extension', { name: 'README', contentType: 'text/plain' }, undefined],
  ['one byte too many', { name: 'a.txt', contentType: 'text/plain', size: MAX_FILE_BYTES + 1 }, 'tooLarge'],
  ['a program', { name: 'setup.exe', contentType: 'application/octet-stream' }, 'typeNotAllowed'],
  ['a program in capitals behind dots', { name: 'photo.jpg.SCR. .', contentType: 'image/jpeg' }, 'typeNotAllowed'],
  ['a program by type', { name: 'photo.jpg', contentType: 'Application/X-MSDownload; x=y' }, 'typeNotAllowed'],
])('of files, %s is judged %o', (_, file, why) => {
  expect(whyNotKept(file)).toBe(why);
});

it.each([
  ['../../etc/passwd', 'passwd'],
  ['C:\\Users\\Ada\\plan.pdf', 'plan.pdf'],
  ['a\u0000b"c.txt', 'a_b_c.txt'],
  ['///', 'file'],
])('a file called %s is kept as %s', (name, kept) => {
  expect(plainName(name)).toBe(kept);
});
