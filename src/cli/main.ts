#!/usr/bin/env node
/** The `portolan` command line: hands the process's own parts to `run`, nothing else. */
import { run } from './run.ts';
import { terminal } from './terminal.ts';

process.exitCode = await run(process.argv.slice(2), process.env, terminal);
