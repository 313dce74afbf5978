/** Everything that is told to Prometheus. What is not in here is not told. */
export const CATALOGUE = {
  process_cpu_seconds_total: {
    type: 'counter',
    help: 'CPU time of this process, in seconds.',
    labels: [],
  },
  process_resident_memory_bytes: {
    type: 'gauge',
    help: 'Memory of this process that is in RAM, in bytes.',
    labels: [],
  },
  process_start_time_seconds: {
    type: 'gauge',
    help: 'When this process started, in seconds since 1970.',
    labels: [],
  },
  contact_sync_process_info: {
    type: 'gauge',
    help: 'Always 1: which role this process has.',
    labels: ['role'],
  },

  contact_sync_lag_seconds: {
    type: 'histogram',
    help: 'From the arrival of a notification about a person to the last mailbox of a slab of about 200; one observation for each person and slab.',
    labels: ['tenant'],
  },
  contact_sync_writes_total: {
    type: 'counter',
    help: 'What was written to mailboxes and address books, by what came of it: done, kept, or the kind of failure.',
    labels: ['tenant', 'job_id', 'operation', 'outcome'],
  },
  contact_sync_requests_total: {
    type: 'counter',
    help: 'Answers of Microsoft Graph (service graph) and Exchange Online (exchange), to requests (via request) and to the parts of their batches (via batch); status none: no answer.',
    labels: ['tenant', 'service', 'via', 'operation', 'status'],
  },
  contact_sync_throttles_total: {
    type: 'counter',
    help: 'How often Microsoft Graph asked to wait: by who was asked (a mailbox, the source of people, the tenant) and which limit was used up.',
    labels: ['tenant', 'scope', 'pool'],
  },

  contact_sync_receiver_handshakes_total: {
    type: 'counter',
    help: 'Handshakes answered.',
    labels: [],
  },
  contact_sync_receiver_items_total: {
    type: 'counter',
    help: 'Items of posts: accepted (durably in the queue), ignored (genuine, and not of our business), forged, malformed.',
    labels: ['result'],
  },
  contact_sync_receiver_answers_total: {
    type: 'counter',
    help: 'Genuine posts that were answered.',
    labels: [],
  },
  contact_sync_receiver_late_answers_total: {
    type: 'counter',
    help: 'Genuine posts answered after more than so many seconds.',
    labels: ['over_seconds'],
  },
  contact_sync_receiver_failed_posts_total: {
    type: 'counter',
    help: 'Posts that were not taken: refused (4xx), unavailable (503, Graph sends them again), aborted by the sender.',
    labels: ['reason'],
  },
  contact_sync_receiver_late_ratio: {
    type: 'gauge',
    help: 'Share of the answers of the last ten minutes that took more than so many seconds. Graph delays notifications above 0.10 (3 s) and drops them above 0.15 (10 s).',
    labels: ['over_seconds'],
  },

  contact_sync_state_readable: {
    type: 'gauge',
    help: '1: ledger and queues could be read; 0: what follows from them is missing.',
    labels: [],
  },
  contact_sync_queue_messages: {
    type: 'gauge',
    help: 'Messages in a queue: due, delayed, held by somebody at work.',
    labels: ['queue', 'state'],
  },
  contact_sync_queue_oldest_due_seconds: {
    type: 'gauge',
    help: 'For how long the oldest due message of a queue has been due; 0: none is.',
    labels: ['queue'],
  },
  contact_sync_dead_letters: {
    type: 'gauge',
    help: 'Messages of a queue that nobody takes any more.',
    labels: ['queue'],
  },
  contact_sync_given_up: {
    type: 'gauge',
    help: 'What failed again and again and is kept in the ledger to be tried again later: work, folders, contacts.',
    labels: ['kind'],
  },
  contact_sync_held_removals: {
    type: 'gauge',
    help: 'Removals that the guard holds until a person approves: of people, of mailboxes.',
    labels: ['job_id', 'kind'],
  },
  contact_sync_source_suspicious: {
    type: 'gauge',
    help: '1: the source of the job shrank suddenly, and every removal is held.',
    labels: ['job_id'],
  },
  contact_sync_job_stopped: {
    type: 'gauge',
    help: '1: the job is stopped by an administrator in this way (paused, reverting, reverted).',
    labels: ['job_id', 'mode'],
  },
  contact_sync_people: {
    type: 'gauge',
    help: 'People that the job shows.',
    labels: ['job_id'],
  },
  contact_sync_mailboxes: {
    type: 'gauge',
    help: 'Mailboxes, or address books, that the job fills.',
    labels: ['job_id'],
  },
  contact_sync_parked_mailboxes: {
    type: 'gauge',
    help: 'Mailboxes that cannot be used and are tried again later.',
    labels: ['tenant'],
  },
  contact_sync_missing_groups: {
    type: 'gauge',
    help: 'Groups of the configuration that were not found.',
    labels: ['tenant'],
  },
  contact_sync_subscriptions: {
    type: 'gauge',
    help: 'Subscriptions that are kept, by what they tell of: users, groups, contacts.',
    labels: ['tenant', 'resource'],
  },
  contact_sync_subscription_expiry_timestamp_seconds: {
    type: 'gauge',
    help: 'When the first of these subscriptions ends unless it is renewed, in seconds since 1970.',
    labels: ['tenant', 'resource'],
  },
  contact_sync_certificate_expiry_timestamp_seconds: {
    type: 'gauge',
    help: 'When the certificate with which the app proves itself ends, in seconds since 1970; absent for other credentials.',
    labels: ['tenant'],
  },
  contact_sync_tenant_hindered_seconds: {
    type: 'gauge',
    help: 'For how long nothing has succeeded in the tenant; 0: all is well.',
    labels: ['tenant'],
  },
  contact_sync_last_sweep_timestamp_seconds: {
    type: 'gauge',
    help: 'When the tenant was last swept to its end, in seconds since 1970; absent before the first time.',
    labels: ['tenant'],
  },
  contact_sync_found_by_sweep_total: {
    type: 'counter',
    help: 'Differences that only a sweep found: no notification had told of them.',
    labels: [],
  },
  contact_sync_last_audit_timestamp_seconds: {
    type: 'gauge',
    help: 'When the drift audit last verified a mailbox of the job, in seconds since 1970; absent before the first.',
    labels: ['job_id'],
  },
  contact_sync_oldest_audit_timestamp_seconds: {
    type: 'gauge',
    help: 'The longest ago that a mailbox of the job was last verified, in seconds since 1970; absent while one never was.',
    labels: ['job_id'],
  },
  contact_sync_drifted_mailboxes: {
    type: 'gauge',
    help: 'Mailboxes in which the last verification found a difference, to be healed.',
    labels: ['job_id'],
  },
  contact_sync_processes: {
    type: 'gauge',
    help: 'Processes that share the ledger, by role; none in a service that is one process over files.',
    labels: ['role'],
  },
} as const satisfies Readonly<Record<string, Description>>;

interface Description {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** None of them ever holds a person, a mailbox or an address. */
  readonly labels: readonly string[];
}

export type MetricName = keyof typeof CATALOGUE;
