/** What the process tells the shell. Documented in the help; never renumbered. */
export const EXIT = {
  fine: 0,
  /** Something failed, or was stopped before it was through, or work that failed again and again waits. */
  failed: 1,
  /** The command line or the configuration is wrong: nothing was started. */
  usage: 2,
  /** Done, but held removals wait for `approve`. */
  held: 3,
  /** Another process has the data folder. */
  busy: 4,
} as const;

export const EXIT_HELP = `Exit codes:
  0  fine
  1  something failed, or was stopped before it was through
  2  the command line or the configuration is wrong; nothing was started
  3  done, but held removals wait for "contact-sync approve"
  4  another process is using the data folder`;
