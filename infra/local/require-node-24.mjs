// Plain JavaScript, because an older Node cannot read anything else here: loaded before the program, by --import.
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(`Docket needs Node.js 24 or newer, this is ${process.versions.node}: see https://nodejs.org/.`);
  process.exit(1);
}
