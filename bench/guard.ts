/** Loaded into every child process by --import: a child ends when its benchmark does, even by `kill -9`. */
process.on('disconnect', () => process.exit(1));
// The channel alone must not keep a program alive that has finished.
process.channel?.unref();
