/** Exit codes of the command line, as documented in docs/cli.md. */
export const ExitCode = {
  ok: 0,
  /** The input has findings, or the operation failed with an error that was printed. */
  findings: 1,
  /** Wrong usage: unknown option, missing argument, unreadable input. */
  usage: 2,
  /** Known, but not supported yet. */
  unsupported: 3,
} as const;
