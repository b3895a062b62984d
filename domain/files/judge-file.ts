/** What mail systems let through at most, and what an upload address is made for. */
export const MAX_FILE_BYTES = 25 * 1024 * 1024;

/** What a click runs. Archives are let through: they are how people send logs. */
const PROGRAMS =
  'ade adp app application appx bat chm cmd com cpl dll dmg exe hta ins isp jar jnlp js jse lib lnk mde msc msi msix msp mst nsh pif ps1 ps1xml psc1 reg scf scr sct sh shb sys vb vbe vbs vxd wsc wsf wsh xll'.split(
    ' ',
  );
const PROGRAM_TYPES = [
  'application/x-msdownload',
  'application/x-msdos-program',
  'application/x-ms-installer',
  'application/x-dosexec',
  'application/x-executable',
  'application/x-sh',
  'application/java-archive',
  'application/hta',
];

/** Why a file is not kept; nothing when it is. */
export const whyNotKept = ({
  name,
  contentType,
  size = 0,
}: {
  name: string;
  contentType: string;
  size?: number;
}): 'tooLarge' | 'typeNotAllowed' | undefined => {
  if (size > MAX_FILE_BYTES) return 'tooLarge';
  // Some systems hide the last extension behind dots and spaces.
  const extension =
    name
      .toLowerCase()
      .replace(/[.\s]+$/, '')
      .split('.')
      .at(-1) ?? '';
  const type = contentType.toLowerCase().split(';')[0]?.trim() ?? '';
  return PROGRAMS.includes(extension) || PROGRAM_TYPES.includes(type) ? 'typeNotAllowed' : undefined;
};

/** A file's name as it is kept: without the folders that it came from, and without what no file system takes. */
export const plainName = (name: string): string =>
  name
    .toWellFormed()
    .split(/[/\\]/)
    .at(-1)
    ?.replace(/[\p{Cc}"<>|:*?]/gu, '_')
    .trim()
    .slice(-200) || 'file';
