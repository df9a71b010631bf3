/* Written by `npm run client` from the OpenAPI document of the API. Change the schemas in src/api instead. */

export type ContentInput =
  | string
  | (
      | {
          type: 'text'
          text: string
        }
      | {
          /**
           * `file` is a PDF.
           */
          type: 'image' | 'file'
          /**
           * `file_` and 26 characters that sort by time of creation.
           */
          file_id: string
        }
      | {
          /**
           * `file` is a PDF.
           */
          type: 'image' | 'file'
          data: string
          content_type: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp' | 'application/pdf'
        }
    )[]
export type RecordedCredential =
  | {
      type: 'key'
      /**
       * An API key's id.
       */
      id: string
      /**
       * Whom the credential stands for. It differs from the principal where it acted for somebody else.
       */
      principal: string
    }
  | {
      type: 'token'
      issuer: string
      /**
       * The token's `jti`; its subject where it has none.
       */
      id: string
      /**
       * Whom the credential stands for. It differs from the principal where it acted for somebody else.
       */
      principal: string
    }
  | {
      type: 'browser_token'
      /**
       * As `POST /v1/tokens` has answered it.
       */
      id: string
      /**
       * What has made the token.
       */
      maker:
        | {
            type: 'key'
            /**
             * An API key's id.
             */
            id: string
          }
        | {
            type: 'token'
            issuer: string
            /**
             * The token's `jti`; its subject where it has none.
             */
            id: string
          }
      /**
       * Whom the credential stands for. It differs from the principal where it acted for somebody else.
       */
      principal: string
    }
export type Event =
  | RunQueuedEvent
  | RunStartedEvent
  | MessageReceivedEvent
  | PrincipalRepresentedEvent
  | CancelRequestedEvent
  | TurnRolledBackEvent
  | ModelRoutedEvent
  | ModelCompletedEvent
  | ModelFailedEvent
  | ModelReattachedEvent
  | ToolStartedEvent
  | ToolCompletedEvent
  | ToolFailedEvent
  | ApprovalRequestedEvent
  | ApprovalVotedEvent
  | ApprovalEscalatedEvent
  | ApprovalRemindedEvent
  | ApprovalRefusedEvent
  | ApprovalDecidedEvent
  | SubmissionDroppedEvent
  | MessageUnreadEvent
  | BudgetReachedEvent
  | BudgetResumedEvent
  | BudgetChangedEvent
  | BudgetDegradedEvent
  | BudgetFinishingEvent
  | BudgetThresholdEvent
  | ModelsAwayEvent
  | ModelsReturnedEvent
  | ContextCompactedEvent
  | AgentHandedOffEvent
  | SubAgentStartedEvent
  | SubAgentCompletedEvent
  | RunForgeryRefusedEvent
  | RunCompletedEvent
  | RunIncompleteEvent
  | RunFailedEvent
  | RunCancelledEvent
  | RunExpiredEvent
  | RunResumedEvent
export type StorableJsonInput =
  | null
  | boolean
  | number
  | string
  | StorableJsonInput[]
  | {
      [k: string]: StorableJsonInput
    }
export type RunStreamEntry = Event | ModelStarted | ModelDelta

/**
 * What each operation of the API takes, and what it answers.
 */
export interface Operations {
  /**
   * Start a run.
   */
  'POST /v1/runs': {
    body: StartRunInput
    answer: Run
  }
  /**
   * List runs, newest first.
   */
  'GET /v1/runs': {
    query?: {
      /**
       * The runs that have it now.
       */
      status?:
        | 'queued'
        | 'in_progress'
        | 'requires_action'
        | 'completed'
        | 'incomplete'
        | 'failed'
        | 'cancelled'
        | 'expired'
      /**
       * The agent they were started with.
       */
      agent?: string
      /**
       * Whose runs.
       */
      principal?: string
      /**
       * The runs of this priority.
       */
      priority?: number
      /**
       * A credential's id, as runs have it in `started_by`: the runs that it has started, and those of tokens for pages that it has made.
       */
      started_by?: string
      /**
       * `metadata[key]=value`: entries that the run has, among others.
       */
      metadata?: {
        [k: string]: string
      }
      /**
       * The runs of this thread.
       */
      thread_id?: string
      /**
       * The sub-agents of this run. Without it the list has only runs that somebody started.
       */
      parent_run_id?: string
      /**
       * Entries of a page: 1 to 100, 20 if not said.
       */
      limit?: number
      /**
       * The `next` of the page before.
       */
      after?: string
    }
    answer: RunPage
  }
  /**
   * Start a run in a thread.
   */
  'POST /v1/threads/{id}/runs': {
    path: {
      /**
       * `thr_` and 26 characters that sort by time of creation.
       */
      id: string
    }
    body: StartTurnInput
    answer: Run
  }
  /**
   * Get a run.
   */
  'GET /v1/runs/{id}': {
    path: {
      /**
       * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
       */
      id: string
    }
    answer: Run
  }
  /**
   * A run's events.
   */
  'GET /v1/runs/{id}/events': {
    path: {
      /**
       * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
       */
      id: string
    }
    query?: {
      /**
       * Entries of a page: 1 to 100, 20 if not said.
       */
      limit?: number
      /**
       * The `next` of the page before, or the `seq` of an entry.
       */
      after?: number
    }
    answer: EventPage | null
  }
  /**
   * A run's transcript, oldest first.
   */
  'GET /v1/runs/{id}/messages': {
    path: {
      /**
       * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
       */
      id: string
    }
    query?: {
      /**
       * Entries of a page: 1 to 100, 20 if not said.
       */
      limit?: number
      /**
       * The `next` of the page before, or the `seq` of an entry.
       */
      after?: number
    }
    answer: MessagePage
  }
  /**
   * Say something to a run under way.
   */
  'POST /v1/runs/{id}/messages': {
    path: {
      /**
       * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
       */
      id: string
    }
    body: AddMessageInput
    answer: AddedMessage
  }
  /**
   * A run's dossier.
   */
  'GET /v1/runs/{id}/trace': {
    path: {
      /**
       * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
       */
      id: string
    }
    query?: {
      /**
       * This step alone, with the bodies of its exchanges.
       */
      step?: number
      /**
       * How deep the dossiers of sub-agents are nested: 0 to 3, 0 if not said.
       */
      depth?: number
      /**
       * Steps of a page: 1 to 100, 50 if not said. A page ends sooner where its steps are large.
       */
      limit?: number
      /**
       * The `next` of the page before, or the number of a step.
       */
      after?: number
    }
    answer: RunTrace
  }
  /**
   * Ask a run to stop.
   */
  'POST /v1/runs/{id}/cancel': {
    path: {
      /**
       * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
       */
      id: string
    }
    answer: Run
  }
  /**
   * Go on with a run that ended incomplete.
   */
  'POST /v1/runs/{id}/resume': {
    path: {
      /**
       * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
       */
      id: string
    }
    body?: {
      budget?: ChangeBudgetInput
    }
    answer: Run
  }
  /**
   * Change a run's budget.
   */
  'PATCH /v1/runs/{id}/budget': {
    path: {
      /**
       * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
       */
      id: string
    }
    body: ChangeBudgetInput
    answer: Run
  }
  /**
   * Have runs started at certain times.
   */
  'POST /v1/schedules': {
    body: NewScheduleInput
    answer: Schedule
  }
  /**
   * List schedules, newest first, all of them.
   */
  'GET /v1/schedules': {
    answer: SchedulePage
  }
  /**
   * Get a schedule, with its next times.
   */
  'GET /v1/schedules/{id}': {
    path: {
      /**
       * `sch_` and 26 characters that sort by time of creation.
       */
      id: string
    }
    answer: Schedule
  }
  /**
   * Change a schedule.
   */
  'PATCH /v1/schedules/{id}': {
    path: {
      /**
       * `sch_` and 26 characters that sort by time of creation.
       */
      id: string
    }
    body: ScheduleChangeInput
    answer: Schedule
  }
  /**
   * Delete a schedule, with the list of its starts.
   */
  'DELETE /v1/schedules/{id}': {
    path: {
      /**
       * `sch_` and 26 characters that sort by time of creation.
       */
      id: string
    }
    answer: Schedule
  }
  /**
   * Have a schedule start nothing for now.
   */
  'POST /v1/schedules/{id}/pause': {
    path: {
      /**
       * `sch_` and 26 characters that sort by time of creation.
       */
      id: string
    }
    answer: Schedule
  }
  /**
   * Have a schedule start runs again.
   */
  'POST /v1/schedules/{id}/resume': {
    path: {
      /**
       * `sch_` and 26 characters that sort by time of creation.
       */
      id: string
    }
    answer: Schedule
  }
  /**
   * Start a run of a schedule now.
   */
  'POST /v1/schedules/{id}/run': {
    path: {
      /**
       * `sch_` and 26 characters that sort by time of creation.
       */
      id: string
    }
    answer: Run
  }
  /**
   * What became of the times of a schedule, newest first.
   */
  'GET /v1/schedules/{id}/starts': {
    path: {
      /**
       * `sch_` and 26 characters that sort by time of creation.
       */
      id: string
    }
    query?: {
      /**
       * Entries of a page: 1 to 100, 20 if not said.
       */
      limit?: number
      /**
       * The `next` of the page before.
       */
      after?: string
    }
    answer: ScheduledStartPage
  }
  /**
   * Begin a thread.
   */
  'POST /v1/threads': {
    body?: NewThreadInput
    answer: Thread
  }
  /**
   * List threads, newest first.
   */
  'GET /v1/threads': {
    query?: {
      /**
       * Whose threads.
       */
      principal?: string
      /**
       * Entries of a page: 1 to 100, 20 if not said.
       */
      limit?: number
      /**
       * The `next` of the page before.
       */
      after?: string
    }
    answer: ThreadPage
  }
  /**
   * Get a thread.
   */
  'GET /v1/threads/{id}': {
    path: {
      /**
       * `thr_` and 26 characters that sort by time of creation.
       */
      id: string
    }
    answer: Thread
  }
  /**
   * Change a thread's title or metadata.
   */
  'PATCH /v1/threads/{id}': {
    path: {
      /**
       * `thr_` and 26 characters that sort by time of creation.
       */
      id: string
    }
    body: ChangeThreadInput
    answer: Thread
  }
  /**
   * Delete a thread with what was said in it.
   */
  'DELETE /v1/threads/{id}': {
    path: {
      /**
       * `thr_` and 26 characters that sort by time of creation.
       */
      id: string
    }
    answer: Thread
  }
  /**
   * A thread's messages, in order or back from the newest.
   */
  'GET /v1/threads/{id}/messages': {
    path: {
      /**
       * `thr_` and 26 characters that sort by time of creation.
       */
      id: string
    }
    query?: {
      /**
       * From the oldest on, or back from the newest.
       */
      order?: 'asc' | 'desc'
      /**
       * Entries of a page: 1 to 100, 20 if not said.
       */
      limit?: number
      /**
       * The `next` of the page before, or the `seq` of an entry.
       */
      after?: number
    }
    answer: MessagePage
  }
  /**
   * List what agents have kept about somebody, what was kept last first.
   */
  'GET /v1/memories': {
    query?: {
      /**
       * Whose memories.
       */
      principal?: string
      /**
       * Only what this agent has kept last.
       */
      agent?: string
      /**
       * Only what was kept in this thread last.
       */
      thread_id?: string
      /**
       * Entries of a page: 1 to 100, 20 if not said.
       */
      limit?: number
      /**
       * The `next` of the page before.
       */
      after?: string
    }
    answer: MemoryPage
  }
  /**
   * Delete all that agents have kept about a person.
   */
  'DELETE /v1/memories': {
    query: {
      /**
       * Whose memories.
       */
      principal: string
      /**
       * Only what was kept in this thread last.
       */
      thread_id?: string
    }
    answer: MemoriesDeleted
  }
  /**
   * Get a memory.
   */
  'GET /v1/memories/{id}': {
    path: {
      /**
       * `mem_`, its run, and the place of the call that has kept it first.
       */
      id: string
    }
    query?: {
      /**
       * Whose memory it is. With the scope `principals:act` the request is treated as that person’s.
       */
      principal?: string
    }
    answer: Memory
  }
  /**
   * Put a text of your own in the place of a fact.
   */
  'PATCH /v1/memories/{id}': {
    path: {
      /**
       * `mem_`, its run, and the place of the call that has kept it first.
       */
      id: string
    }
    query?: {
      /**
       * Whose memory it is. With the scope `principals:act` the request is treated as that person’s.
       */
      principal?: string
    }
    body: ChangeMemoryInput
    answer: Memory
  }
  /**
   * Delete a memory.
   */
  'DELETE /v1/memories/{id}': {
    path: {
      /**
       * `mem_`, its run, and the place of the call that has kept it first.
       */
      id: string
    }
    query?: {
      /**
       * Whose memory it is. With the scope `principals:act` the request is treated as that person’s.
       */
      principal?: string
    }
    answer: Memory
  }
  /**
   * Get what is known of a file.
   */
  'GET /v1/files/{id}': {
    path: {
      /**
       * `file_` and 26 characters that sort by time of creation.
       */
      id: string
    }
    answer: File
  }
  /**
   * Delete a file.
   */
  'DELETE /v1/files/{id}': {
    path: {
      /**
       * `file_` and 26 characters that sort by time of creation.
       */
      id: string
    }
    answer: File
  }
  /**
   * Get the content of a file.
   */
  'GET /v1/files/{id}/content': {
    path: {
      /**
       * `file_` and 26 characters that sort by time of creation.
       */
      id: string
    }
    answer: null
  }
  /**
   * List approvals, newest first, or follow an inbox.
   */
  'GET /v1/approvals': {
    query?: {
      /**
       * The approvals that have it now.
       */
      status?: 'pending' | 'approved' | 'edited' | 'rejected' | 'responded' | 'expired' | 'cancelled'
      /**
       * Whose calls they are about.
       */
      agent?: string
      /**
       * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
       */
      run_id?: string
      /**
       * The principal that the run acts for.
       */
      requester?: string
      /**
       * Only what the caller may decide now.
       */
      decidable?: 'true'
      /**
       * Entries of a page: 1 to 100, 20 if not said.
       */
      limit?: number
      /**
       * The `next` of the page before.
       */
      after?: string
    }
    answer: ApprovalPage
  }
  /**
   * Get an approval.
   */
  'GET /v1/approvals/{id}': {
    path: {
      /**
       * `apr_`, its run, and the place of the call that it is about.
       */
      id: string
    }
    answer: Approval
  }
  /**
   * Decide an approval.
   */
  'POST /v1/approvals/{id}/decision': {
    path: {
      /**
       * `apr_`, its run, and the place of the call that it is about.
       */
      id: string
    }
    body: DecisionInput
    answer: Approval
  }
  /**
   * List agents.
   */
  'GET /v1/agents': {
    answer: AgentPage
  }
  /**
   * Get an agent.
   */
  'GET /v1/agents/{name}': {
    path: {
      /**
       * As `/v1/agents` lists it.
       */
      name: string
    }
    answer: Agent
  }
  /**
   * This tenant's budgets that runs share, all of them.
   */
  'GET /v1/budgets': {
    answer: BudgetPage
  }
  /**
   * Set a budget that runs share.
   */
  'PUT /v1/budgets/{scope}/{subject}/{period}': {
    path: {
      /**
       * Whose runs share it.
       */
      scope: 'principal' | 'agent' | 'tenant'
      /**
       * Name of the principal or agent, or `*` for each one that has no budget of its own; `-` for the tenant.
       */
      subject: string
      /**
       * How long it is for; then it begins anew.
       */
      period: 'day' | 'month'
    }
    body: NewBudgetInput
    answer: Budget
  }
  /**
   * Take a budget away.
   */
  'DELETE /v1/budgets/{scope}/{subject}/{period}': {
    path: {
      /**
       * Whose runs share it.
       */
      scope: 'principal' | 'agent' | 'tenant'
      /**
       * Name of the principal or agent, or `*` for each one that has no budget of its own; `-` for the tenant.
       */
      subject: string
      /**
       * How long it is for; then it begins anew.
       */
      period: 'day' | 'month'
    }
    answer: Budget
  }
  /**
   * This tenant's kill switches that are on.
   */
  'GET /v1/kill-switches': {
    answer: KillSwitchPage
  }
  /**
   * Stop a tenant or an agent.
   */
  'PUT /v1/kill-switches/{scope}/{subject}': {
    path: {
      /**
       * Whose calls stop.
       */
      scope: 'tenant' | 'agent'
      /**
       * Name of the agent; `-` for the tenant.
       */
      subject: string
    }
    body: NewKillSwitchInput
    answer: KillSwitch
  }
  /**
   * Take a kill switch back.
   */
  'DELETE /v1/kill-switches/{scope}/{subject}': {
    path: {
      /**
       * Whose calls stop.
       */
      scope: 'tenant' | 'agent'
      /**
       * Name of the agent; `-` for the tenant.
       */
      subject: string
    }
    answer: KillSwitch
  }
  /**
   * The caller's tenant.
   */
  'GET /v1/tenant': {
    answer: Tenant
  }
  /**
   * Set the tenant's time zone.
   */
  'PUT /v1/tenant': {
    body: NewTenantInput
    answer: Tenant
  }
  /**
   * What this tenant has used, by agent, model, principal, day or thread.
   */
  'GET /v1/usage': {
    query: {
      /**
       * What each row is about.
       */
      group_by: 'agent' | 'model' | 'principal' | 'day' | 'thread'
      /**
       * First day, by the tenant's time zone; from the beginning if not said.
       */
      from?: string
      /**
       * Last day; until now if not said.
       */
      to?: string
      /**
       * Rows of a page: 1 to 1000, which it is if not said.
       */
      limit?: number
      /**
       * The `next` of the page before.
       */
      after?: string
    }
    answer: Usage
  }
  /**
   * Providers of models, their circuit breakers, and how much they are asked.
   */
  'GET /v1/providers': {
    answer: ProviderPage
  }
  /**
   * Hold a circuit breaker open or closed.
   */
  'PUT /v1/providers/{provider}/{model}/breaker': {
    path: {
      /**
       * As `/v1/providers` lists it.
       */
      provider: string
      /**
       * Percent-encoded: names of models may have slashes.
       */
      model: string
    }
    body: NewBreakerStateInput
    answer: Breaker
  }
  /**
   * What waits for a worker, by agent and priority.
   */
  'GET /v1/queue': {
    answer: Queue
  }
  /**
   * What this tenant's answer cache has, and what it has saved, by agent.
   */
  'GET /v1/cache': {
    answer: Cache
  }
  /**
   * Remove answers from this tenant's cache.
   */
  'DELETE /v1/cache': {
    query?: {
      /**
       * Only answers of this agent; of every agent if not said.
       */
      agent?: string
      /**
       * Only answers to this version of a prompt; to every one if not said.
       */
      prompt_version?: string
    }
    answer: CachePurge
  }
  /**
   * This tenant's report of a day.
   */
  'GET /v1/reports/{day}': {
    path: {
      /**
       * A day by the tenant's time zone, that has begun: `YYYY-MM-DD`, `today` or `yesterday`.
       */
      day: string
    }
    answer: DailyReport
  }
  /**
   * Have a URL told of what happens to this tenant's runs.
   */
  'POST /v1/webhooks': {
    body: NewWebhookInput
    answer: MadeWebhook
  }
  /**
   * This tenant's webhooks, newest first, all of them.
   */
  'GET /v1/webhooks': {
    answer: WebhookPage
  }
  /**
   * Get a webhook.
   */
  'GET /v1/webhooks/{id}': {
    path: {
      /**
       * `whk_` and 26 characters that sort by time of creation.
       */
      id: string
    }
    answer: Webhook
  }
  /**
   * Change, disable or enable a webhook.
   */
  'PATCH /v1/webhooks/{id}': {
    path: {
      /**
       * `whk_` and 26 characters that sort by time of creation.
       */
      id: string
    }
    body: WebhookChangeInput
    answer: Webhook
  }
  /**
   * Delete a webhook, with its log.
   */
  'DELETE /v1/webhooks/{id}': {
    path: {
      /**
       * `whk_` and 26 characters that sort by time of creation.
       */
      id: string
    }
    answer: Webhook
  }
  /**
   * Give a webhook another secret.
   */
  'POST /v1/webhooks/{id}/rotate': {
    path: {
      /**
       * `whk_` and 26 characters that sort by time of creation.
       */
      id: string
    }
    body?: {
      /**
       * How long the secrets from before sign as well.
       */
      expire_previous_in_ms?: number
    }
    answer: MadeWebhook
  }
  /**
   * What a webhook was told, newest first.
   */
  'GET /v1/webhooks/{id}/deliveries': {
    path: {
      /**
       * `whk_` and 26 characters that sort by time of creation.
       */
      id: string
    }
    query?: {
      /**
       * The deliveries that have it now.
       */
      status?: 'queued' | 'sending' | 'retrying' | 'delivered' | 'failed' | 'dropped'
      /**
       * Entries of a page: 1 to 100, 20 if not said.
       */
      limit?: number
      /**
       * The `next` of the page before.
       */
      after?: string
    }
    answer: WebhookDeliveryPage
  }
  /**
   * Deliver once more, now.
   */
  'POST /v1/webhooks/{id}/deliveries/{delivery_id}/redeliver': {
    path: {
      /**
       * `whk_` and 26 characters that sort by time of creation.
       */
      id: string
      /**
       * `whd_`, its webhook, and what it tells of.
       */
      delivery_id: string
    }
    answer: WebhookDelivery
  }
  /**
   * Make an API key for this tenant.
   */
  'POST /v1/keys': {
    body: NewKeyInput
    answer: MadeApiKey
  }
  /**
   * This tenant's API keys, newest first, all of them.
   */
  'GET /v1/keys': {
    answer: ApiKeyPage
  }
  /**
   * Give an API key a new secret.
   */
  'POST /v1/keys/{id}/rotate': {
    path: {
      /**
       * What stands in the key behind `hf_`.
       */
      id: string
    }
    body?: {
      /**
       * How long the secret until now is taken beside the new one. 0: it ends within 5 seconds, and so do tokens for pages that the key has made before.
       */
      old_valid_for_ms?: number
    }
    answer: MadeApiKey
  }
  /**
   * Revoke an API key for good.
   */
  'DELETE /v1/keys/{id}': {
    path: {
      /**
       * What stands in the key behind `hf_`.
       */
      id: string
    }
    answer: ApiKey
  }
  /**
   * Create a tenant.
   */
  'POST /v1/tenants': {
    body: NewTenantRecordInput
    answer: TenantRecord
  }
  /**
   * List all tenants, by their ids.
   */
  'GET /v1/tenants': {
    query?: {
      /**
       * Entries of a page: 1 to 100, 20 if not said.
       */
      limit?: number
      /**
       * The `next` of the page before.
       */
      after?: string
    }
    answer: TenantRecordPage
  }
  /**
   * Get a tenant.
   */
  'GET /v1/tenants/{id}': {
    path: {
      /**
       * As it stands in keys, in tokens and on runs. It never changes.
       */
      id: string
    }
    answer: TenantRecord
  }
  /**
   * Change a tenant's name or metadata.
   */
  'PATCH /v1/tenants/{id}': {
    path: {
      /**
       * As it stands in keys, in tokens and on runs. It never changes.
       */
      id: string
    }
    body: ChangeTenantRecordInput
    answer: TenantRecord
  }
  /**
   * Suspend a tenant.
   */
  'POST /v1/tenants/{id}/suspend': {
    path: {
      /**
       * As it stands in keys, in tokens and on runs. It never changes.
       */
      id: string
    }
    body?: {
      /**
       * For operators.
       */
      reason?: string
    }
    answer: TenantRecord
  }
  /**
   * Resume a suspended tenant.
   */
  'POST /v1/tenants/{id}/resume': {
    path: {
      /**
       * As it stands in keys, in tokens and on runs. It never changes.
       */
      id: string
    }
    answer: TenantRecord
  }
  /**
   * Make an API key for a tenant.
   */
  'POST /v1/tenants/{id}/keys': {
    path: {
      /**
       * As it stands in keys, in tokens and on runs. It never changes.
       */
      id: string
    }
    body: NewKeyInput
    answer: MadeApiKey
  }
  /**
   * A tenant's API keys, newest first, all of them.
   */
  'GET /v1/tenants/{id}/keys': {
    path: {
      /**
       * As it stands in keys, in tokens and on runs. It never changes.
       */
      id: string
    }
    answer: ApiKeyPage
  }
  /**
   * Revoke a tenant's API key for good.
   */
  'DELETE /v1/tenants/{id}/keys/{key_id}': {
    path: {
      /**
       * As it stands in keys, in tokens and on runs. It never changes.
       */
      id: string
      /**
       * What stands in the key behind `hf_`.
       */
      key_id: string
    }
    answer: ApiKey
  }
  /**
   * Make a short-lived token for a page: for one run, or one thread.
   */
  'POST /v1/tokens': {
    body: NewTokenInput
    answer: Token
  }
  /**
   * The process lives; nothing else is touched.
   */
  'GET /health': {
    answer: {
      status: 'ok'
    }
  }
  /**
   * Temporal and the store answer and have what runs need; no model is called.
   */
  'GET /ready': {
    answer: {
      status: 'ready'
      /**
       * What does not go on though requests are taken: no worker polls, a secret differs.
       */
      warnings?: {
        pointer: string
        detail: string
      }[]
    }
  }
  /**
   * Metrics of this process and of the installation, for Prometheus.
   */
  'GET /metrics': {
    answer: string
  }
  /**
   * Upload an image or a PDF.
   */
  'POST /v1/files': {
    query?: {
      /**
       * Its name, without a path. Models are told it.
       */
      filename?: string
      /**
       * The person in whose name the caller uploads it. It takes the scope `principals:act`.
       */
      principal?: string
    }
    answer: File
  }
}
export interface StartRunInput {
  /**
   * Name of an agent, as `/v1/agents` lists them.
   */
  agent: string
  /**
   * What is asked: one message, or several of the same person. With files it is a message whose content is a list.
   */
  input:
    | string
    | {
        role: 'user'
        content: ContentInput
      }[]
  /**
   * Kept with the run and given back; agents do not see it.
   */
  metadata?: {
    [k: string]: string
  }
  /**
   * Time the run may take, waiting for people not counted, in place of the agent's own.
   */
  deadline_ms?: number
  /**
   * Where tasks wait for a worker, those of 1 come before those of 5; 3 if it is not said. Tenants take turns within a priority.
   */
  priority?: 1 | 2 | 3 | 4 | 5
  budget?: StartBudgetInput
  /**
   * Is told of this run, beside the webhooks of the tenant.
   */
  webhook?: {
    /**
     * An https URL of the public internet, without a name or password.
     */
    url: string
    /**
     * All of them where they are left out.
     *
     * @minItems 1
     * @maxItems 7
     */
    events?: (
      | 'run.completed'
      | 'run.incomplete'
      | 'run.failed'
      | 'run.cancelled'
      | 'run.expired'
      | 'run.requires_action'
      | 'budget.threshold'
    )[]
    /**
     * What its deliveries are signed with: the caller's choice, and never shown again.
     */
    secret: string
  }
  /**
   * The person in whose name this is sent, in place of the caller. It takes the scope `principals:act`.
   */
  principal?: string
  /**
   * That person's groups. Each has to be one of the caller's own.
   *
   * @maxItems 50
   */
  groups?: string[]
  /**
   * That person's scopes for tools, `tools:…`. The caller has to have each of them.
   *
   * @maxItems 50
   */
  scopes?: string[]
  /**
   * In a thread where a turn is in flight or waits: `enqueue`, which it is if not said, waits for its turn; `reject` is answered 409; `interrupt` cancels the turns before it and keeps what they have done; `rollback` cancels them, and the messages of the one in flight leave the thread. The last two take the scope `runs:cancel`.
   */
  multitask_strategy?: 'enqueue' | 'reject' | 'interrupt' | 'rollback'
  /**
   * The thread in which the run is a turn.
   */
  thread_id?: string
}
export interface StartBudgetInput {
  max_cost_micro_usd?: number
  /**
   * Input and output of all model calls.
   */
  max_tokens?: number
  /**
   * Attempts: what a provider was asked, answered or not.
   */
  max_model_calls?: number
  max_tool_calls?: number
  /**
   * Turns of the loop.
   */
  max_steps?: number
  /**
   * The run's own time; waiting for people does not count.
   */
  max_active_ms?: number
  /**
   * Share of a limit at which `budget.threshold` is told; with `degrade` and `finish`, all that the usual way may use.
   */
  soft_ratio?: number
  /**
   * When the budget does not cover the next model call: wait for more, go on with cheaper models, answer once more with what there is, or fail.
   */
  on_reached?: 'pause' | 'degrade' | 'finish' | 'fail'
  /**
   * A model whose price nobody knows, while a cost limit is in force: is not asked, is asked where a limit of tokens is in force, or is asked.
   */
  on_unknown_price?: 'deny' | 'count_tokens' | 'allow'
}
export interface Run {
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  id: string
  object: 'run'
  agent: string
  agent_version: string
  /**
   * Whom it belongs to and acts for: whoever started it, or was named by the start.
   */
  principal: string
  started_by?: RecordedCredential
  priority: 1 | 2 | 3 | 4 | 5
  status:
    | 'queued'
    | 'in_progress'
    | 'requires_action'
    | 'completed'
    | 'incomplete'
    | 'failed'
    | 'cancelled'
    | 'expired'
  reason?:
    | 'approval'
    | 'max_steps'
    | 'max_output_tokens'
    | 'output_invalid'
    | 'deadline'
    | 'approval_expired'
    | 'refusal'
    | 'budget'
    | 'models_unavailable'
    | 'model_price_unknown'
    | 'model_key_missing'
    | 'context_too_long'
    | 'request_refused'
    | 'cancel_requested'
    | 'terminated'
    | 'internal_error'
  /**
   * What a person or program has to do before the run goes on.
   */
  required_action?:
    | {
        type: 'approval'
        /**
         * Of the run and of its sub-agents.
         *
         * Items: `apr_`, its run, and the place of the call that it is about.
         */
        approvals: string[]
      }
    | {
        type: 'budget'
        /**
         * Whose budget: the run's own, or one that runs share.
         */
        scope: 'run' | 'principal' | 'agent' | 'tenant'
        limit: 'cost' | 'tokens' | 'model_calls' | 'tool_calls' | 'steps' | 'active_ms' | 'kill_switch'
        period?: 'day' | 'month'
        allowed: number
        /**
         * Spent, unknown and set aside.
         */
        used: number
        /**
         * When the period ends, and the run goes on by itself.
         */
        resets_at?: string
        /**
         * When the run waits no longer and ends.
         */
        expires_at: string
      }
  /**
   * What the run waits for by itself. `models`: none answers, and it tries again from time to time. `thread`: it is not its turn yet.
   */
  waiting_for?:
    | {
        type: 'models'
        since: string
        /**
         * When the run waits no longer and ends.
         */
        until: string
      }
    | {
        type: 'thread'
        /**
         * Turns before its own are not over.
         */
        thread_id: string
        since: string
      }
  /**
   * The answer; of a run that ended without one, what there is.
   */
  output?: string
  /**
   * The answer as a value, where the agent has an output schema and the answer fits it.
   */
  output_json?: {
    [k: string]: unknown
  }
  error?: {
    code: string
    message: string
  }
  usage: RunUsage
  /**
   * null where the agent has none.
   */
  budget: RunBudget | null
  /**
   * The run that this one works for.
   */
  parent_run_id?: string
  /**
   * The thread in which it is a turn.
   */
  thread_id?: string
  /**
   * The model that answered last, as its provider names it.
   */
  served_by?: string
  /**
   * By agent: which rule has chosen its models, of agents with rules about them.
   */
  routes?: {
    [k: string]: {
      /**
       * The rule that chose its models; null where none held.
       */
      rule: string | null
      /**
       * The classifier's, where the rule has one.
       */
      label?: string
    }
  }
  /**
   * Turns of the loop so far.
   */
  steps: number
  /**
   * W3C Trace Context: the trace that its spans belong to.
   */
  trace_id: string
  metadata: {
    [k: string]: string
  }
  created_at: string
  started_at?: string
  completed_at?: string
  links: {
    /**
     * The run's page in the Temporal Web UI, where that is known.
     */
    temporal: string | null
    events: string
  }
}
export interface RunUsage {
  /**
   * All of them, cached ones included.
   */
  input_tokens: number
  cached_input_tokens: number
  output_tokens: number
  model_calls: number
  tool_calls: number
  /**
   * null where the price of a call is not known.
   */
  cost_micro_usd: number | null
  /**
   * There where a server has counted no tokens: those of its calls are an estimate.
   */
  estimated?: true
  /**
   * What providers' caches have saved in comparison with uncached input; below 0 where more was written to them than read. Absent in events of 0.3.0 and older.
   */
  prompt_cache_saved_micro_usd?: number
}
export interface RunBudget {
  limits: BudgetLimits
  /**
   * Share of a limit at which `budget.threshold` is told; with `degrade` and `finish`, all that the usual way may use.
   */
  soft_ratio: number
  /**
   * When the budget does not cover the next model call: wait for more, go on with cheaper models, answer once more with what there is, or fail.
   */
  on_reached: 'pause' | 'degrade' | 'finish' | 'fail'
  /**
   * A model whose price nobody knows, while a cost limit is in force: is not asked, is asked where a limit of tokens is in force, or is asked.
   */
  on_unknown_price: 'deny' | 'count_tokens' | 'allow'
  /**
   * What counts against the limits, sub-agents included.
   */
  spent: {
    /**
     * null once a call of unknown price was made.
     */
    cost_micro_usd: number | null
    /**
     * The part of it that is the worst case of calls whose end nobody saw.
     */
    unknown_micro_usd: number
    tokens: number
    model_calls: number
  }
  /**
   * Set aside for calls under way and for sub-agents.
   */
  held_micro_usd: number
}
export interface BudgetLimits {
  max_cost_micro_usd?: number
  /**
   * Input and output of all model calls.
   */
  max_tokens?: number
  /**
   * Attempts: what a provider was asked, answered or not.
   */
  max_model_calls?: number
  max_tool_calls?: number
  /**
   * Turns of the loop.
   */
  max_steps?: number
  /**
   * The run's own time; waiting for people does not count.
   */
  max_active_ms?: number
}
export interface RunPage {
  object: 'list'
  data: Run[]
  has_more: boolean
  /**
   * Give it as `after` to get the page that follows.
   */
  next: string | null
}
export interface StartTurnInput {
  /**
   * Name of an agent, as `/v1/agents` lists them.
   */
  agent: string
  /**
   * What is asked: one message, or several of the same person. With files it is a message whose content is a list.
   */
  input:
    | string
    | {
        role: 'user'
        content: ContentInput
      }[]
  /**
   * Kept with the run and given back; agents do not see it.
   */
  metadata?: {
    [k: string]: string
  }
  /**
   * Time the run may take, waiting for people not counted, in place of the agent's own.
   */
  deadline_ms?: number
  /**
   * Where tasks wait for a worker, those of 1 come before those of 5; 3 if it is not said. Tenants take turns within a priority.
   */
  priority?: 1 | 2 | 3 | 4 | 5
  budget?: StartBudgetInput
  /**
   * Is told of this run, beside the webhooks of the tenant.
   */
  webhook?: {
    /**
     * An https URL of the public internet, without a name or password.
     */
    url: string
    /**
     * All of them where they are left out.
     *
     * @minItems 1
     * @maxItems 7
     */
    events?: (
      | 'run.completed'
      | 'run.incomplete'
      | 'run.failed'
      | 'run.cancelled'
      | 'run.expired'
      | 'run.requires_action'
      | 'budget.threshold'
    )[]
    /**
     * What its deliveries are signed with: the caller's choice, and never shown again.
     */
    secret: string
  }
  /**
   * The person in whose name this is sent, in place of the caller. It takes the scope `principals:act`.
   */
  principal?: string
  /**
   * That person's groups. Each has to be one of the caller's own.
   *
   * @maxItems 50
   */
  groups?: string[]
  /**
   * That person's scopes for tools, `tools:…`. The caller has to have each of them.
   *
   * @maxItems 50
   */
  scopes?: string[]
  /**
   * In a thread where a turn is in flight or waits: `enqueue`, which it is if not said, waits for its turn; `reject` is answered 409; `interrupt` cancels the turns before it and keeps what they have done; `rollback` cancels them, and the messages of the one in flight leave the thread. The last two take the scope `runs:cancel`.
   */
  multitask_strategy?: 'enqueue' | 'reject' | 'interrupt' | 'rollback'
}
export interface EventPage {
  object: 'list'
  data: Event[]
  has_more: boolean
  /**
   * Give it as `after` to get the page that follows.
   */
  next: string | null
}
export interface RunQueuedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'run.queued'
  data: {
    agent: string
    /**
     * Who started it.
     */
    by?: string
    /**
     * `thr_` and 26 characters that sort by time of creation.
     */
    thread_id?: string
    [k: string]: unknown
  }
  at: string
}
export interface RunStartedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'run.started'
  data: {
    agent: string
    agent_version: string
    prompt_version: string
    [k: string]: unknown
  }
  at: string
}
export interface MessageReceivedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'message.received'
  data: {
    message_id: string
    /**
     * Place of the message in the transcript.
     */
    message_seq: number
    /**
     * Who wrote it.
     */
    by?: string
    [k: string]: unknown
  }
  at: string
}
export interface PrincipalRepresentedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'principal.represented'
  data: {
    /**
     * The person in whose name a message or a decision was sent.
     */
    by: string
    sent_by: RecordedCredential
    message_id?: string
    approval_id?: string
    [k: string]: unknown
  }
  at: string
}
export interface CancelRequestedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'cancel.requested'
  data: {
    by: string
    [k: string]: unknown
  }
  at: string
}
export interface TurnRolledBackEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'turn.rolled_back'
  data: {
    by: string
    /**
     * The run that takes its place in the thread.
     */
    for_run_id: string
    [k: string]: unknown
  }
  at: string
}
export interface ModelRoutedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'model.routed'
  data: {
    step: number
    agent: string
    /**
     * The rule that decided; null where none held, and the agent's own models are asked.
     */
    rule: string | null
    /**
     * What was wrong with the answer before, where stronger models are asked over it.
     */
    cause?: 'output_invalid' | 'cut_off' | 'refusal' | 'wrong_calls'
    /**
     * The models that are asked from now on, in their order.
     */
    models: string[]
    /**
     * The call that sorted the input, where the rule has one.
     */
    classifier?: {
      model: string
      label?: string
      /**
       * Why it gave no label, so that the agent's own models are asked.
       */
      problem?: string
      usage?: {
        input_tokens: number
        cached_input_tokens: number
        cache_write_tokens: number
        output_tokens: number
        reasoning_tokens: number
        /**
         * The server has counted no tokens: these are an estimate.
         */
        estimated?: true
        [k: string]: unknown
      }
      cost_micro_usd?: number | null
      [k: string]: unknown
    }
    [k: string]: unknown
  }
  at: string
}
export interface ModelCompletedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'model.completed'
  data: {
    step: number
    /**
     * Place of the model in the chain, from 0.
     */
    hop: number
    /**
     * The model that was asked.
     */
    model: string
    /**
     * The model that answered, as its provider names it.
     */
    served_by: string
    stop: 'end' | 'tool_calls' | 'max_output_tokens' | 'refusal' | 'pause'
    /**
     * The beginning of it.
     */
    preview: string
    /**
     * Place of the whole answer in the transcript.
     */
    message_seq: number
    tool_calls: {
      index: number
      call_id: string
      tool: string
      arguments: unknown
      /**
       * Why the call cannot be made.
       */
      problem?: string
      [k: string]: unknown
    }[]
    usage: {
      input_tokens: number
      cached_input_tokens: number
      cache_write_tokens: number
      output_tokens: number
      reasoning_tokens: number
      /**
       * The server has counted no tokens: these are an estimate.
       */
      estimated?: true
      [k: string]: unknown
    }
    cost_micro_usd: number | null
    /**
     * The other model that was asked for this answer, since one of the two was silent for long.
     */
    hedge?: {
      hop: number
      model: string
      outcome: 'stopped' | 'failed'
      [k: string]: unknown
    }
    /**
     * What the provider's cache has saved; below 0 where more was written to it than read.
     */
    prompt_cache_saved_micro_usd?: number | null
    /**
     * Why the answer cannot be used as it is. The message after it tells the model so.
     */
    problem?: 'cut_off' | 'call_cut_off' | 'output_invalid' | 'refused'
    /**
     * JSON pointers of what does not fit the output schema.
     */
    problem_at?: string[]
    /**
     * The answer was given before, to the same or a similar request: no provider was asked.
     */
    cached?: 'exact' | 'semantic' | 'lexical'
    /**
     * What the answer had cost when it was made.
     */
    saved?: {
      cost_micro_usd: number
      input_tokens: number
      output_tokens: number
      [k: string]: unknown
    }
    /**
     * How long the call waited for another run that asked the same.
     */
    waited_ms?: number
    [k: string]: unknown
  }
  at: string
}
export interface ModelFailedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'model.failed'
  data: {
    step: number
    hop: number
    model: string
    /**
     * A code of the catalogue of errors.
     */
    code: string
    [k: string]: unknown
  }
  at: string
}
export interface ModelReattachedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'model.reattached'
  data: {
    step: number
    hop: number
    model: string
    [k: string]: unknown
  }
  at: string
}
export interface ToolStartedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'tool.started'
  data: {
    step: number
    /**
     * Place among the calls of the step.
     */
    index: number
    call_id: string
    tool: string
    effect: 'read' | 'write' | 'irreversible'
    [k: string]: unknown
  }
  at: string
}
export interface ToolCompletedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'tool.completed'
  data: {
    step: number
    /**
     * Place among the calls of the step.
     */
    index: number
    call_id: string
    tool: string
    status: 'ok' | 'failed' | 'outcome_unknown'
    /**
     * A code of the catalogue of errors.
     */
    code?: string
    /**
     * The beginning of it.
     */
    preview?: string
    /**
     * Name of the rule that kept the call from being made.
     */
    rule?: string
    [k: string]: unknown
  }
  at: string
}
export interface ToolFailedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'tool.failed'
  data: {
    step: number
    /**
     * Place among the calls of the step.
     */
    index: number
    call_id: string
    tool: string
    status: 'ok' | 'failed' | 'outcome_unknown'
    /**
     * A code of the catalogue of errors.
     */
    code?: string
    /**
     * The beginning of it.
     */
    preview?: string
    /**
     * Name of the rule that kept the call from being made.
     */
    rule?: string
    [k: string]: unknown
  }
  at: string
}
export interface ApprovalRequestedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'approval.requested'
  data: {
    /**
     * `apr_`, its run, and the place of the call that it is about.
     */
    approval_id: string
    /**
     * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
     */
    child_run_id?: string
    step: number
    /**
     * Place among the calls of the step.
     */
    index: number
    tool: string
    effect: 'read' | 'write' | 'irreversible'
    /**
     * What a decision has to repeat.
     */
    arguments_sha256: string
    /**
     * What the tool has looked up of the call.
     */
    facts?: {
      [k: string]: unknown
    }
    cause: 'policy' | 'outcome_unknown'
    rule: string
    expires_at: string
    [k: string]: unknown
  }
  at: string
}
export interface ApprovalVotedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'approval.voted'
  data: {
    /**
     * `apr_`, its run, and the place of the call that it is about.
     */
    approval_id: string
    /**
     * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
     */
    child_run_id?: string
    by?: string
    decision?: 'approve' | 'edit' | 'reject' | 'respond'
    comment?: string
    [k: string]: unknown
  }
  at: string
}
export interface ApprovalEscalatedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'approval.escalated'
  data: {
    /**
     * `apr_`, its run, and the place of the call that it is about.
     */
    approval_id: string
    /**
     * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
     */
    child_run_id?: string
    /**
     * Groups whose members may decide now.
     */
    approvers: string[]
    expires_at: string
    [k: string]: unknown
  }
  at: string
}
export interface ApprovalRemindedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'approval.reminded'
  data: {
    /**
     * `apr_`, its run, and the place of the call that it is about.
     */
    approval_id: string
    /**
     * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
     */
    child_run_id?: string
    /**
     * Groups whose members may decide now.
     */
    approvers: string[]
    expires_at: string
    [k: string]: unknown
  }
  at: string
}
export interface ApprovalRefusedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'approval.refused'
  data: {
    /**
     * As the decision named it: there may be no such approval.
     */
    approval_id: string
    by: string
    /**
     * A code of the catalogue of errors.
     */
    code: string
    [k: string]: unknown
  }
  at: string
}
export interface ApprovalDecidedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'approval.decided'
  data: {
    /**
     * `apr_`, its run, and the place of the call that it is about.
     */
    approval_id: string
    /**
     * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
     */
    child_run_id?: string
    status: 'pending' | 'approved' | 'edited' | 'rejected' | 'responded' | 'expired' | 'cancelled'
    by: string
    comment?: string
    votes?: {
      by: string
      decision: 'approve' | 'edit' | 'reject' | 'respond'
      comment?: string
      at: string
      [k: string]: unknown
    }[]
    edited_arguments_sha256?: string
    [k: string]: unknown
  }
  at: string
}
export interface SubmissionDroppedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'submission.dropped'
  data: {
    /**
     * What was sent to the run past what may wait, so far.
     */
    dropped: number
    [k: string]: unknown
  }
  at: string
}
export interface MessageUnreadEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'message.unread'
  data: {
    /**
     * Messages that no model was shown before the run ended.
     */
    unread: number
    /**
     * Ids of the oldest of them.
     */
    message_ids: string[]
    [k: string]: unknown
  }
  at: string
}
export interface BudgetReachedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'budget.reached'
  data: {
    scope?: 'run' | 'principal' | 'agent' | 'tenant'
    subject?: string
    limit?: 'cost' | 'tokens' | 'model_calls' | 'tool_calls' | 'steps' | 'active_ms' | 'kill_switch'
    period?: 'day' | 'month'
    allowed?: number
    used?: number
    limits?: BudgetLimits
    resets_at?: string
    /**
     * When the run waits no longer.
     */
    expires_at?: string
    /**
     * How the last try of the model failed that now may not be asked again.
     */
    last_failure?: string
    [k: string]: unknown
  }
  at: string
}
export interface BudgetResumedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'budget.resumed'
  data: {
    scope?: 'run' | 'principal' | 'agent' | 'tenant'
    subject?: string
    limit?: 'cost' | 'tokens' | 'model_calls' | 'tool_calls' | 'steps' | 'active_ms' | 'kill_switch'
    period?: 'day' | 'month'
    allowed?: number
    used?: number
    limits?: BudgetLimits
    resets_at?: string
    [k: string]: unknown
  }
  at: string
}
export interface BudgetChangedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'budget.changed'
  data: {
    scope?: 'run' | 'principal' | 'agent' | 'tenant'
    subject?: string
    limit?: 'cost' | 'tokens' | 'model_calls' | 'tool_calls' | 'steps' | 'active_ms' | 'kill_switch'
    period?: 'day' | 'month'
    allowed?: number
    used?: number
    limits?: BudgetLimits
    resets_at?: string
    by?: string
    [k: string]: unknown
  }
  at: string
}
export interface BudgetDegradedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'budget.degraded'
  data: {
    scope?: 'run' | 'principal' | 'agent' | 'tenant'
    subject?: string
    limit?: 'cost' | 'tokens' | 'model_calls' | 'tool_calls' | 'steps' | 'active_ms' | 'kill_switch'
    period?: 'day' | 'month'
    allowed?: number
    used?: number
    limits?: BudgetLimits
    resets_at?: string
    [k: string]: unknown
  }
  at: string
}
export interface BudgetFinishingEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'budget.finishing'
  data: {
    scope?: 'run' | 'principal' | 'agent' | 'tenant'
    subject?: string
    limit?: 'cost' | 'tokens' | 'model_calls' | 'tool_calls' | 'steps' | 'active_ms' | 'kill_switch'
    period?: 'day' | 'month'
    allowed?: number
    used?: number
    limits?: BudgetLimits
    resets_at?: string
    [k: string]: unknown
  }
  at: string
}
export interface BudgetThresholdEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'budget.threshold'
  data: {
    scope?: 'run' | 'principal' | 'agent' | 'tenant'
    subject?: string
    limit?: 'cost' | 'tokens' | 'model_calls' | 'tool_calls' | 'steps' | 'active_ms' | 'kill_switch'
    period?: 'day' | 'month'
    allowed?: number
    used?: number
    limits?: BudgetLimits
    resets_at?: string
    ratio?: number
    [k: string]: unknown
  }
  at: string
}
export interface ModelsAwayEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'models.away'
  data: {
    step: number
    /**
     * When the run waits no longer.
     */
    until?: string
    [k: string]: unknown
  }
  at: string
}
export interface ModelsReturnedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'models.returned'
  data: {
    step: number
    /**
     * How often the chain was tried.
     */
    tries: number
    [k: string]: unknown
  }
  at: string
}
export interface ContextCompactedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'context.compacted'
  data: {
    step: number
    /**
     * Whose models are shown less from now on.
     */
    agent: string
    /**
     * Counts the agent's windows in this run, from 1.
     */
    number: number
    cause: 'near_limit' | 'predicted' | 'refused'
    /**
     * `sliding` where no summary could be written.
     */
    strategy: 'sliding' | 'summary' | 'both'
    /**
     * Of a request, by our count.
     */
    tokens_before: number
    tokens_after: number
    /**
     * Of the whole transcript.
     */
    messages: number
    messages_kept: number
    messages_left_out: number
    /**
     * Tool results are shown up to this size.
     */
    result_bytes?: number
    summary?: {
      /**
       * The model that was asked.
       */
      model: string
      served_by: string
      /**
       * The beginning of it.
       */
      preview: string
      usage: {
        input_tokens: number
        cached_input_tokens: number
        cache_write_tokens: number
        output_tokens: number
        reasoning_tokens: number
        /**
         * The server has counted no tokens: these are an estimate.
         */
        estimated?: true
        [k: string]: unknown
      }
      cost_micro_usd: number | null
      [k: string]: unknown
    }
    /**
     * Why there is none, where the agent wants one.
     */
    no_summary?: string
    [k: string]: unknown
  }
  at: string
}
export interface AgentHandedOffEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'agent.handed_off'
  data: {
    step: number
    /**
     * Place among the calls of the step.
     */
    index: number
    call_id: string
    tool: string
    to: string
    [k: string]: unknown
  }
  at: string
}
export interface SubAgentStartedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'sub_agent.started'
  data: {
    step: number
    /**
     * Place among the calls of the step.
     */
    index: number
    /**
     * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
     */
    child_run_id: string
    agent: string
    [k: string]: unknown
  }
  at: string
}
export interface SubAgentCompletedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'sub_agent.completed'
  data: {
    step: number
    /**
     * Place among the calls of the step.
     */
    index: number
    /**
     * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
     */
    child_run_id: string
    agent: string
    status: 'completed' | 'incomplete' | 'failed' | 'cancelled' | 'expired'
    reason?:
      | 'approval'
      | 'max_steps'
      | 'max_output_tokens'
      | 'output_invalid'
      | 'deadline'
      | 'approval_expired'
      | 'refusal'
      | 'budget'
      | 'models_unavailable'
      | 'model_price_unknown'
      | 'model_key_missing'
      | 'context_too_long'
      | 'request_refused'
      | 'cancel_requested'
      | 'terminated'
      | 'internal_error'
    usage: RunUsage
    [k: string]: unknown
  }
  at: string
}
export interface RunForgeryRefusedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'run.forgery_refused'
  data: {
    /**
     * What was asked for in the name of the run.
     */
    activity: string
    /**
     * What of it does not agree with the record.
     */
    problem: string
    [k: string]: unknown
  }
  at: string
}
export interface RunCompletedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'run.completed'
  data: {
    status: 'completed' | 'incomplete' | 'failed' | 'cancelled' | 'expired'
    reason?:
      | 'approval'
      | 'max_steps'
      | 'max_output_tokens'
      | 'output_invalid'
      | 'deadline'
      | 'approval_expired'
      | 'refusal'
      | 'budget'
      | 'models_unavailable'
      | 'model_price_unknown'
      | 'model_key_missing'
      | 'context_too_long'
      | 'request_refused'
      | 'cancel_requested'
      | 'terminated'
      | 'internal_error'
    /**
     * A code of the catalogue of errors.
     */
    error?: string
    /**
     * The answer.
     */
    output?: string
    steps: number
    usage: RunUsage
    [k: string]: unknown
  }
  at: string
}
export interface RunIncompleteEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'run.incomplete'
  data: {
    status: 'completed' | 'incomplete' | 'failed' | 'cancelled' | 'expired'
    reason?:
      | 'approval'
      | 'max_steps'
      | 'max_output_tokens'
      | 'output_invalid'
      | 'deadline'
      | 'approval_expired'
      | 'refusal'
      | 'budget'
      | 'models_unavailable'
      | 'model_price_unknown'
      | 'model_key_missing'
      | 'context_too_long'
      | 'request_refused'
      | 'cancel_requested'
      | 'terminated'
      | 'internal_error'
    /**
     * A code of the catalogue of errors.
     */
    error?: string
    /**
     * The answer.
     */
    output?: string
    steps: number
    usage: RunUsage
    [k: string]: unknown
  }
  at: string
}
export interface RunFailedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'run.failed'
  data: {
    status: 'completed' | 'incomplete' | 'failed' | 'cancelled' | 'expired'
    reason?:
      | 'approval'
      | 'max_steps'
      | 'max_output_tokens'
      | 'output_invalid'
      | 'deadline'
      | 'approval_expired'
      | 'refusal'
      | 'budget'
      | 'models_unavailable'
      | 'model_price_unknown'
      | 'model_key_missing'
      | 'context_too_long'
      | 'request_refused'
      | 'cancel_requested'
      | 'terminated'
      | 'internal_error'
    /**
     * A code of the catalogue of errors.
     */
    error?: string
    /**
     * The answer.
     */
    output?: string
    steps: number
    usage: RunUsage
    [k: string]: unknown
  }
  at: string
}
export interface RunCancelledEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'run.cancelled'
  data: {
    status: 'completed' | 'incomplete' | 'failed' | 'cancelled' | 'expired'
    reason?:
      | 'approval'
      | 'max_steps'
      | 'max_output_tokens'
      | 'output_invalid'
      | 'deadline'
      | 'approval_expired'
      | 'refusal'
      | 'budget'
      | 'models_unavailable'
      | 'model_price_unknown'
      | 'model_key_missing'
      | 'context_too_long'
      | 'request_refused'
      | 'cancel_requested'
      | 'terminated'
      | 'internal_error'
    /**
     * A code of the catalogue of errors.
     */
    error?: string
    /**
     * The answer.
     */
    output?: string
    steps: number
    usage: RunUsage
    /**
     * Who asked for it.
     */
    by?: string
    [k: string]: unknown
  }
  at: string
}
export interface RunExpiredEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'run.expired'
  data: {
    status: 'completed' | 'incomplete' | 'failed' | 'cancelled' | 'expired'
    reason?:
      | 'approval'
      | 'max_steps'
      | 'max_output_tokens'
      | 'output_invalid'
      | 'deadline'
      | 'approval_expired'
      | 'refusal'
      | 'budget'
      | 'models_unavailable'
      | 'model_price_unknown'
      | 'model_key_missing'
      | 'context_too_long'
      | 'request_refused'
      | 'cancel_requested'
      | 'terminated'
      | 'internal_error'
    /**
     * A code of the catalogue of errors.
     */
    error?: string
    /**
     * The answer.
     */
    output?: string
    steps: number
    usage: RunUsage
    [k: string]: unknown
  }
  at: string
}
export interface RunResumedEvent {
  object: 'event'
  /**
   * From 1, without gaps. The `id` of the same event in a stream.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  type: 'run.resumed'
  data: {
    by: string
    limits?: BudgetLimits
    [k: string]: unknown
  }
  at: string
}
export interface MessagePage {
  object: 'list'
  data: Message[]
  has_more: boolean
  /**
   * Give it as `after` to get the page that follows.
   */
  next: string | null
}
export interface Message {
  object: 'message'
  /**
   * Place in the transcript, from 0.
   */
  seq: number
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  role: 'user' | 'assistant' | 'tool'
  /**
   * The text alone.
   */
  content: string
  /**
   * Texts and files in their order, where it has files.
   */
  parts?: (
    | {
        type: 'text'
        text: string
      }
    | {
        type: 'image' | 'file'
        /**
         * `file_` and 26 characters that sort by time of creation.
         */
        file_id: string
        content_type: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp' | 'application/pdf'
        filename?: string
      }
  )[]
  /**
   * The principal that said it, for `user`; not there for a sub-agent's input, which its parent's model wrote.
   */
  by?: string
  /**
   * For `user`: the run itself wrote the message, since the answer before it cannot be used as it is.
   */
  about?: 'cut_off' | 'call_cut_off' | 'output_invalid' | 'refused'
  tool_calls?: {
    call_id: string
    tool: string
    arguments: {
      [k: string]: unknown
    }
  }[]
  /**
   * The call that this is the result of.
   */
  call_id?: string
  tool?: string
  is_error?: boolean
  created_at: string
}
export interface AddMessageInput {
  /**
   * Chosen by the caller: the same id again is the same message.
   */
  id?: string
  content: ContentInput
  /**
   * The person in whose name this is sent, in place of the caller. It takes the scope `principals:act`.
   */
  principal?: string
  /**
   * That person's groups. Each has to be one of the caller's own.
   *
   * @maxItems 50
   */
  groups?: string[]
}
export interface AddedMessage {
  object: 'added_message'
  id: string
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
}
export interface RunTrace {
  object: 'run_trace'
  run: Run
  /**
   * What was said to it, the first 400 characters of each: its input, on the first page, and messages that it got later.
   */
  said: {
    /**
     * Place in the transcript.
     */
    seq: number
    text: string
  }[]
  /**
   * What happened before its first step. Only on the first page.
   */
  events: Event[]
  steps: TracedStep[]
  has_more: boolean
  /**
   * Give it as `after` to get the page that follows.
   */
  next: string | null
}
export interface TracedStep {
  step: number
  /**
   * Who speaks in it.
   */
  agent: string
  began_at: string
  /**
   * The step alone, with the bodies of its exchanges.
   */
  href: string
  model_calls: TracedModelCall[]
  tool_calls: TracedToolCall[]
  /**
   * What else happened from its beginning to that of the next step, oldest first.
   */
  events: Event[]
}
export interface TracedModelCall {
  /**
   * Place of the model in the chain, from 0. Calls beside the answer have hops of their own.
   */
  hop: number
  /**
   * Absent where no exchange is kept.
   */
  purpose?: 'answer' | 'classifier' | 'summary' | 'embedding'
  provider: string
  model: string
  /**
   * What the answer cache said. Absent where it was not asked.
   */
  cache?: {
    outcome: 'waits' | 'miss' | 'exact' | 'semantic' | 'lexical'
    saved_micro_usd: number
    began_at: string
  }
  /**
   * Each time that the chain went on without asking the model, and why: its circuit was open, say.
   */
  skipped?: {
    /**
     * A code of the catalogue of errors.
     */
    code: string
    at: string
  }[]
  attempts: ModelAttempt[]
  /**
   * The answer that counts for the hop.
   */
  answer?: {
    stop: string
    served_by: string
    preview: string
    /**
     * Place of the whole answer in the transcript.
     */
    message_seq: number
    /**
     * Milliseconds.
     */
    latency_ms: number
    /**
     * null where it is not known.
     */
    cost_micro_usd: number | null
    /**
     * Why it cannot be used as it is.
     */
    problem?: 'cut_off' | 'call_cut_off' | 'output_invalid' | 'refused'
    /**
     * It was given before: no provider was asked.
     */
    cached?: 'exact' | 'semantic' | 'lexical'
    /**
     * The other model that was asked for it, since one of the two was silent for long.
     */
    hedge?: {
      hop: number
      model: string
      outcome: 'stopped' | 'failed'
    }
    at: string
  }
}
export interface ModelAttempt {
  /**
   * Counts the attempts of the run.
   */
  attempt: number
  /**
   * Absent where no exchange is kept.
   */
  purpose?: 'answer' | 'classifier' | 'summary' | 'embedding'
  provider: string
  model: string
  /**
   * `open`: under way. `unknown`: nobody has seen its end.
   */
  status: 'open' | 'ok' | 'failed' | 'unknown'
  /**
   * A code of the catalogue of errors.
   */
  code?: string
  served_by?: string
  /**
   * The provider's name for the request.
   */
  request_id?: string
  began_at: string
  ended_at?: string
  /**
   * The most that the answer might have had.
   */
  max_output_tokens: number
  /**
   * What was set aside for it; null where the model has no price.
   */
  worst_micro_usd: number | null
  /**
   * null where it is not known.
   */
  cost_micro_usd: number | null
  /**
   * What counts in place of a cost that is not known.
   */
  unknown_micro_usd: number
  usage: {
    input_tokens: number
    cached_input_tokens: number
    cache_write_tokens: number
    output_tokens: number
    reasoning_tokens: number
    estimated?: true
  }
  /**
   * A worker was lost while it asked: at least one exchange is not there, or without its end.
   */
  lost?: true
  /**
   * How often a later worker went on reading the answer.
   */
  taken_up?: number
  /**
   * The requests that were made for it, oldest first. Empty where none is kept.
   */
  exchanges: WireExchange[]
}
export interface WireExchange {
  purpose: 'answer' | 'classifier' | 'summary' | 'embedding'
  method: string
  url: string
  /**
   * null: no answer came.
   */
  status: number | null
  began_at: string
  /**
   * From the request to the answer's head.
   */
  head_ms: number | null
  /**
   * From the request to the first byte of the answer's body.
   */
  first_byte_ms: number | null
  /**
   * From the request to the end of the answer, or to where it was left. null: nobody has seen an end, so it is under way, or lost.
   */
  took_ms: number | null
  /**
   * All of the answer came: to the end of the body, or to the mark that its wire ends an answer with.
   */
  complete: boolean
  /**
   * The process that made the request.
   */
  worker?: string
  /**
   * Its worker is gone, and with it whatever came after `began_at`.
   */
  lost?: true
  /**
   * Those that say what was asked for. Never a key.
   */
  request_headers: {
    [k: string]: string
  }
  /**
   * Those that say how the provider took it: ids, types, limits, times to wait.
   */
  answer_headers: {
    [k: string]: string
  }
  /**
   * The body.
   */
  request: {
    bytes: number
    /**
     * As it was sent. Only with `step`.
     */
    text?: string
  }
  /**
   * The body, after its content coding.
   */
  answer: {
    /**
     * All that came.
     */
    bytes: number
    /**
     * The beginning of it that is kept.
     */
    kept_bytes: number
    /**
     * As it came, a key that it repeats masked with `*`. Only with `step`.
     */
    text?: string
    /**
     * In place of `text`, where the bytes are no UTF-8.
     */
    base64?: string
    /**
     * The beginning of what was said with an error status, where `text` is left out.
     */
    excerpt?: string
  }
}
export interface TracedToolCall {
  /**
   * Place among the calls of the step.
   */
  index: number
  /**
   * How often a person has said "call again" before.
   */
  again: number
  call_id: string
  tool: string
  effect?: 'read' | 'write' | 'irreversible'
  status: string
  /**
   * What the plan's rules say of it.
   */
  verdict?: 'allow' | 'ask' | 'deny'
  /**
   * As the model gave them.
   */
  arguments?: {
    [k: string]: unknown
  }
  /**
   * What the tool has looked up beforehand.
   */
  facts?: {
    [k: string]: unknown
  }
  /**
   * As the model was shown it.
   */
  output?: string
  outcome?: {
    status: 'ok' | 'failed' | 'outcome_unknown'
    /**
     * A code of the catalogue of errors.
     */
    code?: string
  }
  /**
   * Tries of a call that changes something.
   */
  tries?: {
    begun: number
    /**
     * By the tool itself.
     */
    failed: number
  }
  requested_at: string
  started_at?: string
  ended_at?: string
  /**
   * Milliseconds.
   */
  latency_ms?: number
  /**
   * What people were asked about it, with their votes.
   */
  approvals: Approval[]
  sub_agent?: {
    /**
     * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
     */
    run_id: string
    agent: string
    status:
      | 'queued'
      | 'in_progress'
      | 'requires_action'
      | 'completed'
      | 'incomplete'
      | 'failed'
      | 'cancelled'
      | 'expired'
    /**
     * Its own dossier.
     */
    href: string
    /**
     * The first page of its dossier, as far as `depth` and the size of the answer allow.
     */
    trace?: {
      object: 'run_trace'
      [k: string]: unknown
    }
  }
}
export interface Approval {
  /**
   * `apr_`, its run, and the place of the call that it is about.
   */
  id: string
  object: 'approval'
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  agent: string
  /**
   * The principal that the run acts for.
   */
  requester: string
  step: number
  tool: string
  effect: 'read' | 'write' | 'irreversible'
  arguments: {
    [k: string]: unknown
  }
  /**
   * A decision repeats it, so that it is about what is shown here and nothing else. The hash of the arguments; with `facts`, of `{ "arguments": …, "facts": … }`.
   */
  arguments_sha256: string
  /**
   * What the tool has looked up of the call before anybody was asked. Absent where it looks up nothing.
   */
  facts?: {
    [k: string]: unknown
  }
  /**
   * Where each text or number in the arguments was seen before, by JSON pointer: `user`, `user:<name>` for a message of somebody other than the requester, `tool:<name>`, or `model` where it was not. Only when one approval is asked for.
   */
  argument_origins?: {
    [k: string]: string
  }
  /**
   * What the tool is called with, where a person has changed the arguments.
   */
  edited?: {
    arguments: {
      [k: string]: unknown
    }
    arguments_sha256: string
  }
  /**
   * A rule wants a person, or a call may have happened already: approving it then means "call again".
   */
  reason: 'policy' | 'outcome_unknown'
  /**
   * Name of the rule that asked.
   */
  rule: string
  status: 'pending' | 'approved' | 'edited' | 'rejected' | 'responded' | 'expired' | 'cancelled'
  /**
   * Empty once it is decided.
   */
  allowed_decisions: ('approve' | 'edit' | 'reject' | 'respond')[]
  /**
   * Who may decide now: these people, and members of these groups. Both empty means everybody who may decide approvals.
   */
  approvers: {
    principals: string[]
    groups: string[]
  }
  quorum: {
    /**
     * People who have to agree.
     */
    required: number
    /**
     * Groups whose members may decide now, as in `approvers`.
     */
    of: string[]
    distinct: true
    exclude_requester: boolean
    /**
     * One rejection is the end of it, or it takes as many as an approval.
     */
    rejection: 'ends' | 'votes'
  }
  votes: {
    by: string
    decision: 'approve' | 'edit' | 'reject' | 'respond'
    at: string
    comment?: string
  }[]
  requested_at: string
  expires_at: string
  on_timeout: 'reject' | 'escalate' | 'fail'
  escalation: {
    after_ms: number
    to: string[]
  }[]
  decided_at?: string
  /**
   * What the model was told with the decision.
   */
  message?: string
  links: {
    run: string
    events: string
    messages: string
  }
}
export interface ChangeBudgetInput {
  max_cost_micro_usd?: number
  /**
   * Input and output of all model calls.
   */
  max_tokens?: number
  /**
   * Attempts: what a provider was asked, answered or not.
   */
  max_model_calls?: number
  max_tool_calls?: number
  /**
   * Turns of the loop.
   */
  max_steps?: number
  /**
   * The run's own time; waiting for people does not count.
   */
  max_active_ms?: number
  add?: BudgetAdditionInput
}
export interface BudgetAdditionInput {
  cost_micro_usd?: number
  tokens?: number
  model_calls?: number
  tool_calls?: number
  steps?: number
  active_ms?: number
}
export interface NewScheduleInput {
  /**
   * When runs are started.
   */
  timing:
    | {
        type: 'cron'
        /**
         * Minute, hour, day of the month, month, day of the week. A time has to fit all five: `0 9 1-7 * mon` is the first Monday of a month.
         */
        cron: string
        /**
         * IANA name. The tenant's, where it is left out.
         */
        time_zone?: string
      }
    | {
        type: 'interval'
        every_ms: number
        /**
         * Shifts all times, which are otherwise multiples of `every_ms` since 1970 in UTC.
         */
        offset_ms?: number
      }
  run: StartRunInput
  /**
   * When a run of the schedule has not ended, waiting for people included: `skip` leaves the start out; `buffer_one` lets one start wait for its end, and leaves further ones out; `cancel_other` cancels it, and starts once it has ended; `allow_all` starts beside it.
   */
  overlap?: 'skip' | 'buffer_one' | 'cancel_other' | 'allow_all'
  /**
   * A start that could not be made for so long, as during an outage, is left out.
   */
  catch_up_ms?: number
}
export interface Schedule {
  /**
   * `sch_` and 26 characters that sort by time of creation.
   */
  id: string
  object: 'schedule'
  /**
   * Whose its runs are.
   */
  principal: string
  /**
   * `stopped`: the API key that it starts runs with is revoked or has expired. Its principal resumes it with another.
   */
  status: 'active' | 'paused' | 'stopped'
  timing:
    | {
        type: 'cron'
        cron: string
        time_zone: string
      }
    | {
        type: 'interval'
        every_ms: number
        offset_ms: number
      }
  /**
   * The body of `POST /v1/runs`, as it was given.
   */
  run: {
    [k: string]: unknown
  }
  overlap: 'skip' | 'buffer_one' | 'cancel_other' | 'allow_all'
  catch_up_ms: number
  /**
   * Of a single schedule: its next times. null where Temporal does not say.
   */
  next_starts?: string[] | null
  /**
   * The API key with whose rights its runs are started; null where nobody was asked for a key.
   */
  key_id: string | null
  /**
   * What has created it; null where nobody is asked for a credential, and of a schedule of a build that kept none.
   */
  created_by: RecordedCredential | null
  created_at: string
  /**
   * What has changed, paused or resumed it last; null where nothing has.
   */
  updated_by: RecordedCredential | null
  /**
   * When that was, or when it was stopped.
   */
  updated_at: string
}
export interface SchedulePage {
  object: 'list'
  data: Schedule[]
  has_more: boolean
  /**
   * Give it as `after` to get the page that follows.
   */
  next: string | null
}
export interface ScheduleChangeInput {
  /**
   * When runs are started.
   */
  timing?:
    | {
        type: 'cron'
        /**
         * Minute, hour, day of the month, month, day of the week. A time has to fit all five: `0 9 1-7 * mon` is the first Monday of a month.
         */
        cron: string
        /**
         * IANA name. The tenant's, where it is left out.
         */
        time_zone?: string
      }
    | {
        type: 'interval'
        every_ms: number
        /**
         * Shifts all times, which are otherwise multiples of `every_ms` since 1970 in UTC.
         */
        offset_ms?: number
      }
  run?: StartRunInput
  /**
   * When a run of the schedule has not ended, waiting for people included: `skip` leaves the start out; `buffer_one` lets one start wait for its end, and leaves further ones out; `cancel_other` cancels it, and starts once it has ended; `allow_all` starts beside it.
   */
  overlap?: 'skip' | 'buffer_one' | 'cancel_other' | 'allow_all'
  /**
   * A start that could not be made for so long, as during an outage, is left out.
   */
  catch_up_ms?: number
}
export interface ScheduledStartPage {
  object: 'list'
  data: ScheduledStart[]
  has_more: boolean
  /**
   * Give it as `after` to get the page that follows.
   */
  next: string | null
}
export interface ScheduledStart {
  object: 'scheduled_start'
  /**
   * The time that it is for.
   */
  at: string
  /**
   * Who wanted it at once; null where its time had come.
   */
  asked_by: string | null
  /**
   * `due`: being decided. `waiting`: for a run to end. `skipped`: a run was under way, or the schedule was paused meanwhile. `missed`: it could not be made in time. `refused`: the run was not accepted; `code` says why.
   */
  outcome: 'due' | 'waiting' | 'started' | 'skipped' | 'missed' | 'refused'
  code:
    | (
        | 'invalid_request'
        | 'invalid_json'
        | 'invalid_idempotency_key'
        | 'invalid_cursor'
        | 'unauthenticated'
        | 'forbidden'
        | 'tenant_suspended'
        | 'not_an_approver'
        | 'requester_excluded'
        | 'decision_unsigned'
        | 'not_found'
        | 'method_not_allowed'
        | 'not_acceptable'
        | 'request_timeout'
        | 'tenant_exists'
        | 'already_decided'
        | 'stale'
        | 'already_voted'
        | 'run_not_resumable'
        | 'schedule_stopped'
        | 'key_ended'
        | 'run_ended'
        | 'thread_busy'
        | 'turn_not_begun'
        | 'payload_too_large'
        | 'uri_too_long'
        | 'unsupported_media_type'
        | 'decision_not_allowed'
        | 'edited_arguments_invalid'
        | 'edit_beyond_policy'
        | 'edit_not_looked_up'
        | 'budget_change_invalid'
        | 'misdirected_request'
        | 'unknown_agent'
        | 'too_many_schedules'
        | 'idempotency_key_reused'
        | 'too_many_requests_ahead'
        | 'rate_limited'
        | 'start_rate_limited'
        | 'too_many_runs'
        | 'too_many_streams'
        | 'run_busy'
        | 'thread_full'
        | 'webhook_url_refused'
        | 'too_many_webhooks'
        | 'webhook_disabled'
        | 'file_not_taken'
        | 'file_quota_reached'
        | 'file_unknown'
        | 'models_cannot_read_files'
        | 'headers_too_large'
        | 'internal'
        | 'unavailable'
        | 'overloaded'
        | 'model_rate_limited'
        | 'model_overloaded'
        | 'model_connect_timed_out'
        | 'model_timed_out'
        | 'model_stalled'
        | 'model_call_timed_out'
        | 'model_unreachable'
        | 'model_answer_malformed'
        | 'model_unauthorized'
        | 'model_key_missing'
        | 'model_quota_exhausted'
        | 'model_request_refused'
        | 'model_context_too_long'
        | 'model_content_filtered'
        | 'model_cannot_read_files'
        | 'model_circuit_open'
        | 'model_call_stopped'
        | 'model_busy'
        | 'model_held_back'
        | 'model_limit_reached'
        | 'model_answer_awaited'
        | 'embedding_failed'
        | 'model_price_unknown'
        | 'tool_unknown'
        | 'tool_arguments_not_json'
        | 'tool_arguments_too_large'
        | 'tool_arguments_invalid'
        | 'tool_too_many_calls'
        | 'tool_not_found'
        | 'tool_refused'
        | 'tool_failed'
        | 'tool_timed_out'
        | 'tool_look_up_failed'
        | 'tool_facts_too_large'
        | 'tool_not_allowed'
        | 'tool_denied'
        | 'tool_rejected'
        | 'tool_approval_expired'
        | 'tool_result_too_large'
        | 'tool_outcome_unknown'
        | 'tool_budget_reached'
        | 'tool_handed_off'
        | 'tool_cancelled'
        | 'tool_arguments_mismatch'
        | 'webhook_refused'
        | 'webhook_gone'
        | 'webhook_timed_out'
        | 'webhook_unreachable'
        | 'webhook_address_refused'
        | 'budget_reached'
        | 'run_not_accepted'
        | 'call_not_authorised'
        | 'store_unavailable'
        | 'agent_unknown'
      )
    | null
  run_id: string | null
}
export interface NewThreadInput {
  title?: string
  /**
   * Kept with the thread and given back; agents do not see it.
   */
  metadata?: {
    [k: string]: string
  }
  /**
   * The person in whose name this is sent, in place of the caller. It takes the scope `principals:act`.
   */
  principal?: string
}
export interface Thread {
  /**
   * `thr_` and 26 characters that sort by time of creation.
   */
  id: string
  object: 'thread'
  /**
   * Whom it belongs to: whoever created it, or was named then.
   */
  principal: string
  title: string | null
  metadata: {
    [k: string]: string
  }
  /**
   * `busy`: a turn is in flight or waits.
   */
  status: 'idle' | 'busy'
  /**
   * The run whose turn is in flight.
   */
  active_run_id?: string
  /**
   * How many runs wait for their turns.
   */
  waiting_runs: number
  created_at: string
  /**
   * Of title and metadata.
   */
  updated_at: string
}
export interface ThreadPage {
  object: 'list'
  data: Thread[]
  has_more: boolean
  /**
   * Give it as `after` to get the page that follows.
   */
  next: string | null
}
export interface ChangeThreadInput {
  /**
   * null takes it away.
   */
  title?: string | null
  /**
   * In the place of all entries.
   */
  metadata?: {
    [k: string]: string
  }
}
export interface MemoryPage {
  object: 'list'
  data: Memory[]
  has_more: boolean
  /**
   * Give it as `after` to get the page that follows.
   */
  next: string | null
}
export interface Memory {
  /**
   * `mem_`, its run, and the place of the call that has kept it first.
   */
  id: string
  object: 'memory'
  /**
   * Whom it is about: for whom the run acted.
   */
  principal: string
  fact: string
  about: string | null
  /**
   * The call that has kept it, the last one where several have.
   */
  source: {
    agent: string
    /**
     * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
     */
    run_id: string
    /**
     * `thr_` and 26 characters that sort by time of creation.
     */
    thread_id?: string
    step: number
    /**
     * Place of the call in its step.
     */
    index: number
    /**
     * Place of the call's result among the run's messages; what stands before it is what the model had read.
     */
    seq: number
  }
  /**
   * It may come from somebody else than the principal: the run had read content of others before, and no person has written the text since.
   */
  tainted: boolean
  /**
   * What the run had read before: `tool:<name>` for a result, `user:<name>` for a message, `file:<id>` for a file in one.
   */
  tainted_by: string[]
  created_at: string
  /**
   * When it was kept last.
   */
  kept_at: string
  edited_by?: string
  edited_at?: string
}
export interface MemoriesDeleted {
  object: 'memories_deleted'
  deleted: number
}
export interface ChangeMemoryInput {
  /**
   * Sent also where only `about` changes: whoever changes a memory vouches for its text.
   */
  fact: string
  /**
   * null takes it away.
   */
  about?: string | null
}
export interface File {
  /**
   * `file_` and 26 characters that sort by time of creation.
   */
  id: string
  object: 'file'
  bytes: number
  content_type: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp' | 'application/pdf'
  /**
   * Of the content, as hexadecimal digits.
   */
  sha256: string
  filename: string | null
  created_at: string
}
export interface ApprovalPage {
  object: 'list'
  data: Approval[]
  has_more: boolean
  /**
   * Give it as `after` to get the page that follows.
   */
  next: string | null
}
export interface DecisionInput {
  decision: 'approve' | 'edit' | 'reject' | 'respond'
  /**
   * As the approval shows it.
   */
  arguments_sha256: string
  /**
   * Only with `edit`: what to call the tool with instead, in full. At most 65536 bytes of JSON, without NUL.
   */
  arguments?: {
    [k: string]: StorableJsonInput
  }
  /**
   * Told to the model: why not, with `reject`; the answer in the tool's place, with `respond`.
   */
  message?: string
  /**
   * For the record only.
   */
  comment?: string
  /**
   * The person in whose name this is sent, in place of the caller. It takes the scope `principals:act`.
   */
  principal?: string
  /**
   * That person's groups. Each has to be one of the caller's own.
   *
   * @maxItems 50
   */
  groups?: string[]
}
export interface AgentPage {
  object: 'list'
  data: Agent[]
  has_more: boolean
  /**
   * Give it as `after` to get the page that follows.
   */
  next: string | null
}
export interface Agent {
  name: string
  object: 'agent'
  version: string
  purpose: string
  prompt: {
    name: string
    version: string
  }
  /**
   * Tried in this order.
   */
  models: {
    provider: string
    model: string
  }[]
  tools: {
    name: string
    effect: 'read' | 'write' | 'irreversible'
    /**
     * What a caller needs to have it called: all of the scopes, and one of the groups.
     */
    requires?: {
      scopes?: string[]
      groups?: string[]
    }
  }[]
  /**
   * JSON Schema of its answers; null where they are any text.
   */
  output_schema: {
    [k: string]: unknown
  } | null
  limits: {
    max_steps: number
    deadline_ms: number
  }
  /**
   * What a run of it has, unless its start says otherwise.
   */
  budget: StartBudget | null
  /**
   * Agents that a run of it may be handed to.
   */
  specialists: string[]
  /**
   * Agents that a run of it may start for itself.
   */
  sub_agents: string[]
}
export interface StartBudget {
  max_cost_micro_usd?: number
  /**
   * Input and output of all model calls.
   */
  max_tokens?: number
  /**
   * Attempts: what a provider was asked, answered or not.
   */
  max_model_calls?: number
  max_tool_calls?: number
  /**
   * Turns of the loop.
   */
  max_steps?: number
  /**
   * The run's own time; waiting for people does not count.
   */
  max_active_ms?: number
  /**
   * Share of a limit at which `budget.threshold` is told; with `degrade` and `finish`, all that the usual way may use.
   */
  soft_ratio?: number
  /**
   * When the budget does not cover the next model call: wait for more, go on with cheaper models, answer once more with what there is, or fail.
   */
  on_reached?: 'pause' | 'degrade' | 'finish' | 'fail'
  /**
   * A model whose price nobody knows, while a cost limit is in force: is not asked, is asked where a limit of tokens is in force, or is asked.
   */
  on_unknown_price?: 'deny' | 'count_tokens' | 'allow'
}
export interface BudgetPage {
  object: 'list'
  data: Budget[]
  has_more: boolean
  /**
   * Give it as `after` to get the page that follows.
   */
  next: string | null
}
export interface Budget {
  object: 'budget'
  scope: 'principal' | 'agent' | 'tenant'
  subject: string
  period: 'day' | 'month'
  max_cost_micro_usd: number | null
  max_tokens: number | null
  on_reached: 'pause' | 'refuse'
  threshold: number
  /**
   * Who set it last.
   */
  by: string
  updated_at: string
  /**
   * The period that runs now; null before its first call, and for `*`.
   */
  current: {
    starts_on: string
    ends_at: string
    /**
     * Settled.
     */
    spent: {
      cost_micro_usd: number
      tokens: number
    }
    /**
     * Worst case of calls whose end is not known. Counts like what is spent.
     */
    unknown: {
      cost_micro_usd: number
      tokens: number
    }
    /**
     * Worst case of calls under way.
     */
    held: {
      cost_micro_usd: number
      tokens: number
    }
  } | null
}
export interface NewBudgetInput {
  max_cost_micro_usd?: number | null
  /**
   * Input and output of all model calls.
   */
  max_tokens?: number | null
  /**
   * A run that meets it waits until it is raised or its period ends, or ends at once.
   */
  on_reached?: 'pause' | 'refuse'
  /**
   * Share of a limit at which a run gets the event `budget.threshold`, once a period.
   */
  threshold?: number
}
export interface KillSwitchPage {
  object: 'list'
  data: KillSwitch[]
  has_more: boolean
  /**
   * Give it as `after` to get the page that follows.
   */
  next: string | null
}
export interface KillSwitch {
  object: 'kill_switch'
  scope: 'tenant' | 'agent'
  subject: string
  by: string
  reason: string
  at: string
}
export interface NewKillSwitchInput {
  /**
   * For the record.
   */
  reason: string
}
export interface Tenant {
  object: 'tenant'
  id: string
  /**
   * `suspended`: the operator has seen to it that nothing is started or changed for now.
   */
  status: 'active' | 'suspended'
  time_zone: string
}
export interface NewTenantInput {
  /**
   * IANA name. Where its days, and so its budgets and its usage, begin and end.
   */
  time_zone: string
}
export interface Usage {
  object: 'usage'
  group_by: 'agent' | 'model' | 'principal' | 'day' | 'thread'
  from: string | null
  to: string | null
  /**
   * In the order of their keys.
   */
  data: {
    /**
     * The agent, `provider/model`, the principal, the day or the thread; empty for runs without a thread.
     */
    key: string
    /**
     * Of what is settled, calls of unknown price left out.
     */
    cost_micro_usd: number
    /**
     * Worst case of attempts whose end is not known.
     */
    unknown_micro_usd: number
    /**
     * All of them, cached ones included.
     */
    input_tokens: number
    /**
     * Read from providers' caches.
     */
    cached_input_tokens: number
    /**
     * Written to them.
     */
    cache_write_tokens: number
    /**
     * What these caches have saved in comparison with uncached input; below 0 where more was written than read.
     */
    prompt_cache_saved_micro_usd: number
    output_tokens: number
    /**
     * Attempts that gave an answer.
     */
    model_calls: number
    /**
     * All that was asked of a provider.
     */
    attempts: number
    /**
     * Those whose price the price book did not know.
     */
    unpriced_attempts: number
    /**
     * Those whose tokens are an estimate, since the server counted none.
     */
    estimated_attempts: number
    /**
     * Runs that asked, sub-agents counted by themselves.
     */
    runs: number
    /**
     * Of agents with an answer cache.
     */
    cache: {
      /**
       * Calls that the answer cache has answered: they are not among the others.
       */
      hits: number
      /**
       * Calls for which it had no answer.
       */
      misses: number
      /**
       * Hits by hits and misses; `null` where there are none.
       */
      hit_rate: number | null
      /**
       * What the answers had cost when a model gave them.
       */
      saved_micro_usd: number
      saved_input_tokens: number
      saved_output_tokens: number
    }
  }[]
  has_more: boolean
  /**
   * Give it as `after` to get the page that follows.
   */
  next: string | null
}
export interface ProviderPage {
  object: 'list'
  data: Provider[]
  has_more: boolean
  /**
   * Give it as `after` to get the page that follows.
   */
  next: string | null
}
export interface Provider {
  object: 'provider'
  name: string
  models: {
    name: string
    breaker: Breaker
    /**
     * No worker asks the model before, since its provider has asked for a pause (`Retry-After`), of which 10 minutes are kept at most. null: it is not held. `closed` for its breaker ends it.
     */
    held_until: string | null
  }[]
  /**
   * Limits that calls have lately met: those of all tenants together, and this tenant's.
   */
  limits: {
    /**
     * null: all models of the provider together.
     */
    model: string | null
    /**
     * null: all tenants together.
     */
    tenant: string | null
    unit: 'requests' | 'tokens'
    per_minute: number
    /**
     * What calls find now. Below 0: a call has used more than was left.
     */
    left: number
    /**
     * The most that can be left, after a quiet time.
     */
    holds: number
  }[]
  /**
   * Calls at the same time, as the workers have last said: every 10 seconds. Left out for whoever is no operator.
   */
  workers?: {
    worker: string
    /**
     * null: all models of the provider that are not counted apart.
     */
    model: string | null
    /**
     * Calls that the worker has at the same time at most. It follows what the provider takes.
     */
    limit: number
    in_flight: number
    waiting: number
  }[]
}
export interface Breaker {
  object: 'breaker'
  provider: string
  model: string
  /**
   * `half_open`: a few calls are let through as probes. When they are answered, it closes.
   */
  state: 'closed' | 'open' | 'half_open'
  /**
   * null where it has always been closed.
   */
  since: string | null
  /**
   * Why it is open; null where it is not open by its calls.
   */
  reason: {
    /**
     * The failure that opened it.
     */
    code: string
    /**
     * Failures among the calls that were counted.
     */
    failures: number
    calls: number
  } | null
  /**
   * When probes are let through; null where it is not open by its calls.
   */
  probe_at: string | null
  /**
   * Set by an operator, whom `by` names to operators; null where it goes by the calls.
   */
  forced: {
    state: 'open' | 'closed'
    by: string | null
    at: string
  } | null
  /**
   * Workers that have opened it for themselves. Enough of them open it for all. Left out for whoever is no operator.
   */
  reports?: {
    worker: string
    /**
     * The failure that opened it.
     */
    code: string
    /**
     * Failures among the calls that were counted.
     */
    failures: number
    calls: number
    at: string
  }[]
}
export interface NewBreakerStateInput {
  /**
   * `open`: no call is made. `closed`: calls are made, whatever those before came to; a pause that the provider has asked for (`held_until`) ends. `auto`: as the calls come to.
   */
  state: 'open' | 'closed' | 'auto'
}
export interface Queue {
  object: 'queue'
  of: 'tenant' | 'installation'
  /**
   * Those of priority 1 first. Agents without queued runs are left out.
   */
  runs: {
    agent: string
    priority: 1 | 2 | 3 | 4 | 5
    /**
     * Runs that are accepted and that no worker has begun, sub-agents included. Turns that wait for their thread are left out.
     */
    depth: number
    oldest_queued_at: string
  }[]
  /**
   * Of the installation: steps of runs, begun ones too, that wait in Temporal for a worker, by its own statistics, which are some seconds old. null where Temporal does not say.
   */
  tasks?: {
    task_queue: string
    workflow: {
      depth: number
      /**
       * 0 where none waits.
       */
      oldest_age_ms: number
    }
    activity: {
      depth: number
      /**
       * 0 where none waits.
       */
      oldest_age_ms: number
    }
  } | null
}
export interface Cache {
  object: 'cache'
  data: {
    agent: string
    /**
     * Answers that can be given again now.
     */
    entries: number
    hits: {
      /**
       * The same request.
       */
      exact: number
      /**
       * A question of the same meaning, by its embedding.
       */
      semantic: number
      /**
       * A question of nearly the same words.
       */
      lexical: number
    }
    /**
     * A model was asked.
     */
    misses: number
    /**
     * Calls that wait for another run, which is asking the same.
     */
    waiting: number
    /**
     * Hits by hits and misses; `null` where there are none.
     */
    hit_rate: number | null
    /**
     * What the answers had cost when a model gave them.
     */
    saved_micro_usd: number
    saved_input_tokens: number
    saved_output_tokens: number
  }[]
}
export interface CachePurge {
  object: 'cache_purge'
  /**
   * Answers that were removed.
   */
  removed: number
}
export interface DailyReport {
  object: 'daily_report'
  tenant: string
  day: string
  time_zone: string
  starts_at: string
  ends_at: string
  /**
   * Whether the day was over when the report was made; otherwise it says what there is so far.
   */
  is_over: boolean
  made_at: string
  total: {
    /**
     * Of what is settled, calls of unknown price left out.
     */
    cost_micro_usd: number
    /**
     * Worst case of attempts whose end is not known.
     */
    unknown_micro_usd: number
    input_tokens: number
    output_tokens: number
    /**
     * Attempts that gave an answer.
     */
    model_calls: number
    /**
     * All that was asked of a provider.
     */
    attempts: number
    /**
     * Those that were not settled when the report was made.
     */
    open_attempts: number
    /**
     * Those whose price the price book did not know.
     */
    unpriced_attempts: number
    /**
     * Settled cost of the day before.
     */
    day_before_micro_usd: number
    /**
     * Mean of the seven days before, rounded; a day without traffic is one of them.
     */
    week_mean_micro_usd: number
  }
  /**
   * Rows and others together are the total.
   */
  by_agent: {
    /**
     * The most expensive first.
     */
    rows: {
      key: string
      /**
       * Of what is settled, calls of unknown price left out.
       */
      cost_micro_usd: number
      /**
       * Worst case of attempts whose end is not known.
       */
      unknown_micro_usd: number
      input_tokens: number
      output_tokens: number
      /**
       * Attempts that gave an answer.
       */
      model_calls: number
      /**
       * All that was asked of a provider.
       */
      attempts: number
      /**
       * Those that were not settled when the report was made.
       */
      open_attempts: number
      /**
       * Those whose price the price book did not know.
       */
      unpriced_attempts: number
      /**
       * Settled cost of the day before.
       */
      day_before_micro_usd: number
      /**
       * Mean of the seven days before, rounded; a day without traffic is one of them.
       */
      week_mean_micro_usd: number
    }[]
    /**
     * Those beyond the rows, added up; null where there are none.
     */
    others: {
      /**
       * How many there are.
       */
      keys: number
      /**
       * Of what is settled, calls of unknown price left out.
       */
      cost_micro_usd: number
      /**
       * Worst case of attempts whose end is not known.
       */
      unknown_micro_usd: number
      input_tokens: number
      output_tokens: number
      /**
       * Attempts that gave an answer.
       */
      model_calls: number
      /**
       * All that was asked of a provider.
       */
      attempts: number
      /**
       * Those that were not settled when the report was made.
       */
      open_attempts: number
      /**
       * Those whose price the price book did not know.
       */
      unpriced_attempts: number
      /**
       * Settled cost of the day before.
       */
      day_before_micro_usd: number
      /**
       * Mean of the seven days before, rounded; a day without traffic is one of them.
       */
      week_mean_micro_usd: number
    } | null
  }
  /**
   * Rows and others together are the total.
   */
  by_model: {
    /**
     * The most expensive first.
     */
    rows: {
      key: string
      /**
       * Of what is settled, calls of unknown price left out.
       */
      cost_micro_usd: number
      /**
       * Worst case of attempts whose end is not known.
       */
      unknown_micro_usd: number
      input_tokens: number
      output_tokens: number
      /**
       * Attempts that gave an answer.
       */
      model_calls: number
      /**
       * All that was asked of a provider.
       */
      attempts: number
      /**
       * Those that were not settled when the report was made.
       */
      open_attempts: number
      /**
       * Those whose price the price book did not know.
       */
      unpriced_attempts: number
      /**
       * Settled cost of the day before.
       */
      day_before_micro_usd: number
      /**
       * Mean of the seven days before, rounded; a day without traffic is one of them.
       */
      week_mean_micro_usd: number
    }[]
    /**
     * Those beyond the rows, added up; null where there are none.
     */
    others: {
      /**
       * How many there are.
       */
      keys: number
      /**
       * Of what is settled, calls of unknown price left out.
       */
      cost_micro_usd: number
      /**
       * Worst case of attempts whose end is not known.
       */
      unknown_micro_usd: number
      input_tokens: number
      output_tokens: number
      /**
       * Attempts that gave an answer.
       */
      model_calls: number
      /**
       * All that was asked of a provider.
       */
      attempts: number
      /**
       * Those that were not settled when the report was made.
       */
      open_attempts: number
      /**
       * Those whose price the price book did not know.
       */
      unpriced_attempts: number
      /**
       * Settled cost of the day before.
       */
      day_before_micro_usd: number
      /**
       * Mean of the seven days before, rounded; a day without traffic is one of them.
       */
      week_mean_micro_usd: number
    } | null
  }
  /**
   * Rows and others together are the total.
   */
  by_principal: {
    /**
     * The most expensive first.
     */
    rows: {
      key: string
      /**
       * Of what is settled, calls of unknown price left out.
       */
      cost_micro_usd: number
      /**
       * Worst case of attempts whose end is not known.
       */
      unknown_micro_usd: number
      input_tokens: number
      output_tokens: number
      /**
       * Attempts that gave an answer.
       */
      model_calls: number
      /**
       * All that was asked of a provider.
       */
      attempts: number
      /**
       * Those that were not settled when the report was made.
       */
      open_attempts: number
      /**
       * Those whose price the price book did not know.
       */
      unpriced_attempts: number
      /**
       * Settled cost of the day before.
       */
      day_before_micro_usd: number
      /**
       * Mean of the seven days before, rounded; a day without traffic is one of them.
       */
      week_mean_micro_usd: number
    }[]
    /**
     * Those beyond the rows, added up; null where there are none.
     */
    others: {
      /**
       * How many there are.
       */
      keys: number
      /**
       * Of what is settled, calls of unknown price left out.
       */
      cost_micro_usd: number
      /**
       * Worst case of attempts whose end is not known.
       */
      unknown_micro_usd: number
      input_tokens: number
      output_tokens: number
      /**
       * Attempts that gave an answer.
       */
      model_calls: number
      /**
       * All that was asked of a provider.
       */
      attempts: number
      /**
       * Those that were not settled when the report was made.
       */
      open_attempts: number
      /**
       * Those whose price the price book did not know.
       */
      unpriced_attempts: number
      /**
       * Settled cost of the day before.
       */
      day_before_micro_usd: number
      /**
       * Mean of the seven days before, rounded; a day without traffic is one of them.
       */
      week_mean_micro_usd: number
    } | null
  }
  /**
   * How runs have ended that day; sub-agents are left out.
   */
  outcomes: {
    status: 'completed' | 'incomplete' | 'failed' | 'cancelled' | 'expired'
    reason:
      | (
          | 'approval'
          | 'max_steps'
          | 'max_output_tokens'
          | 'output_invalid'
          | 'deadline'
          | 'approval_expired'
          | 'refusal'
          | 'budget'
          | 'models_unavailable'
          | 'model_price_unknown'
          | 'model_key_missing'
          | 'context_too_long'
          | 'request_refused'
          | 'cancel_requested'
          | 'terminated'
          | 'internal_error'
        )
      | null
    runs: number
  }[]
  /**
   * By what they have cost that day, their sub-agents' runs included.
   */
  most_expensive_runs: {
    run_id: string
    agent: string
    principal: string
    cost_micro_usd: number
    unknown_micro_usd: number
    attempts: number
  }[]
  /**
   * Those that failed most first; tools without a failure are left out.
   */
  failing_tools: {
    tool: string
    /**
     * That ended that day.
     */
    calls: number
    failed: number
    /**
     * Calls that may have taken effect.
     */
    unknown: number
    /**
     * The most frequent one.
     */
    code: string | null
  }[]
  /**
   * Those that refused most first. Nothing is broken there.
   */
  refusing_tools: {
    tool: string
    /**
     * That ended that day.
     */
    calls: number
    /**
     * Calls that the tool itself has answered with a no.
     */
    refused: number
    /**
     * The most frequent one.
     */
    code: string
  }[]
  /**
   * Those whose attempts failed most first.
   */
  failing_models: {
    model: string
    /**
     * Booked that day.
     */
    attempts: number
    failed: number
    /**
     * The most frequent one.
     */
    code: string | null
  }[]
  saved: {
    answer_cache: {
      hits: number
      misses: number
      saved_micro_usd: number
    }
    prompt_cache: {
      cached_input_tokens: number
      saved_micro_usd: number
    }
    /**
     * Answers of agents with routes, against the most expensive model that one of the agent's chains begins with, for the same tokens. Only where both prices are known.
     */
    routing: {
      answers: number
      saved_micro_usd: number
    }
  }
  budgets_reached: {
    scope: string
    /**
     * The principal, agent or tenant; of a run's own budget, its agent.
     */
    subject: string
    limit: string
    period: ('day' | 'month') | null
    times: number
    runs: number
  }[]
  /**
   * Models whose calls had no price.
   */
  unpriced: {
    model: string
    attempts: number
  }[]
}
export interface NewWebhookInput {
  /**
   * An https URL of the public internet, without a name or password.
   */
  url: string
  /**
   * What it is told.
   *
   * @minItems 1
   * @maxItems 8
   */
  events: (
    | 'run.completed'
    | 'run.incomplete'
    | 'run.failed'
    | 'run.cancelled'
    | 'run.expired'
    | 'run.requires_action'
    | 'budget.threshold'
    | 'report.daily'
  )[]
}
export interface MadeWebhook {
  /**
   * `whk_` and 26 characters that sort by time of creation.
   */
  id: string
  object: 'webhook'
  url: string
  events: (
    | 'run.completed'
    | 'run.incomplete'
    | 'run.failed'
    | 'run.cancelled'
    | 'run.expired'
    | 'run.requires_action'
    | 'budget.threshold'
    | 'report.daily'
  )[]
  /**
   * The run that it was given with, whose events alone it is told.
   */
  run_id: string | null
  enabled: boolean
  /**
   * `gone`: it has answered 410. `caller`: somebody has disabled it.
   */
  disabled_reason: ('gone' | 'caller') | null
  disabled_at: string | null
  /**
   * Those that sign, the newest first.
   */
  secrets: {
    created_at: string
    /**
     * Who knows it: what has made it, or chosen it for a run.
     */
    created_by: RecordedCredential | null
    /**
     * null: until the next rotation.
     */
    expires_at: string | null
  }[]
  /**
   * What has made it; null: it was made where nobody is asked for a credential, or by a build that kept none.
   */
  created_by: RecordedCredential | null
  created_at: string
  /**
   * What has changed its URL, its events or `enabled` last; null where nothing has.
   */
  updated_by: RecordedCredential | null
  /**
   * When that was; without a change, when it was made.
   */
  updated_at: string
  /**
   * `whsec_…`, to verify deliveries with: shown now, and never again.
   */
  secret: string
}
export interface WebhookPage {
  object: 'list'
  data: Webhook[]
  has_more: boolean
  /**
   * Give it as `after` to get the page that follows.
   */
  next: string | null
}
export interface Webhook {
  /**
   * `whk_` and 26 characters that sort by time of creation.
   */
  id: string
  object: 'webhook'
  url: string
  events: (
    | 'run.completed'
    | 'run.incomplete'
    | 'run.failed'
    | 'run.cancelled'
    | 'run.expired'
    | 'run.requires_action'
    | 'budget.threshold'
    | 'report.daily'
  )[]
  /**
   * The run that it was given with, whose events alone it is told.
   */
  run_id: string | null
  enabled: boolean
  /**
   * `gone`: it has answered 410. `caller`: somebody has disabled it.
   */
  disabled_reason: ('gone' | 'caller') | null
  disabled_at: string | null
  /**
   * Those that sign, the newest first.
   */
  secrets: {
    created_at: string
    /**
     * Who knows it: what has made it, or chosen it for a run.
     */
    created_by: RecordedCredential | null
    /**
     * null: until the next rotation.
     */
    expires_at: string | null
  }[]
  /**
   * What has made it; null: it was made where nobody is asked for a credential, or by a build that kept none.
   */
  created_by: RecordedCredential | null
  created_at: string
  /**
   * What has changed its URL, its events or `enabled` last; null where nothing has.
   */
  updated_by: RecordedCredential | null
  /**
   * When that was; without a change, when it was made.
   */
  updated_at: string
}
export interface WebhookChangeInput {
  /**
   * An https URL of the public internet, without a name or password.
   */
  url?: string
  /**
   * What it is told.
   *
   * @minItems 1
   * @maxItems 8
   */
  events?: (
    | 'run.completed'
    | 'run.incomplete'
    | 'run.failed'
    | 'run.cancelled'
    | 'run.expired'
    | 'run.requires_action'
    | 'budget.threshold'
    | 'report.daily'
  )[]
  /**
   * A disabled webhook is sent nothing, and misses what happens meanwhile.
   */
  enabled?: boolean
}
export interface WebhookDeliveryPage {
  object: 'list'
  data: WebhookDelivery[]
  has_more: boolean
  /**
   * Give it as `after` to get the page that follows.
   */
  next: string | null
}
export interface WebhookDelivery {
  /**
   * Its `webhook-id`: the same in each attempt.
   */
  id: string
  object: 'webhook_delivery'
  /**
   * `whk_` and 26 characters that sort by time of creation.
   */
  webhook_id: string
  type:
    | 'run.completed'
    | 'run.incomplete'
    | 'run.failed'
    | 'run.cancelled'
    | 'run.expired'
    | 'run.requires_action'
    | 'budget.threshold'
    | 'report.daily'
  run_id: string | null
  /**
   * Of a report.
   */
  day: string | null
  happened_at: string
  /**
   * `queued`: waits for its turn. `sending`: its first attempt is under way. `retrying`: another attempt follows. `failed`: none does. `dropped`: the webhook was disabled.
   */
  status: 'queued' | 'sending' | 'retrying' | 'delivered' | 'failed' | 'dropped'
  next_attempt_at: string | null
  /**
   * The latest ones, the newest first.
   */
  attempts: {
    at: string
    /**
     * null: no answer came.
     */
    http_status: number | null
    /**
     * null: it has arrived.
     */
    code:
      | (
          | 'webhook_url_refused'
          | 'webhook_disabled'
          | 'webhook_refused'
          | 'webhook_gone'
          | 'webhook_timed_out'
          | 'webhook_unreachable'
          | 'webhook_address_refused'
        )
      | null
    duration_ms: number
  }[]
  created_at: string
  ended_at: string | null
}
export interface NewKeyInput {
  /**
   * In whose name its bearer acts.
   */
  principal: string
  /**
   * @maxItems 50
   */
  groups?: string[]
  /**
   * The product's own, and those that the application's tools demand: `tools:…`, or `tools:*` for all of them.
   *
   * @minItems 1
   * @maxItems 50
   */
  scopes: (
    | (
        | 'runs:read'
        | 'runs:write'
        | 'runs:cancel'
        | 'runs:read:all'
        | 'runs:write:all'
        | 'runs:cancel:all'
        | 'approvals:read'
        | 'approvals:decide'
        | 'budgets:write'
        | 'usage:read'
        | 'principals:act'
        | 'metrics:read'
        | 'providers:write'
        | 'tenants:read'
        | 'tenants:write'
        | 'admin'
        | 'runs:*'
        | 'runs:*:all'
        | 'tenants:*'
        | 'operator'
      )
    | string
  )[]
  expires_at?: string | null
}
export interface MadeApiKey {
  /**
   * What stands in the key behind `hf_`.
   */
  id: string
  object: 'api_key'
  tenant: string
  principal: string
  groups: string[]
  /**
   * The product's own, and those that the application's tools demand: `tools:…`, or `tools:*` for all of them.
   */
  scopes: (
    | (
        | 'runs:read'
        | 'runs:write'
        | 'runs:cancel'
        | 'runs:read:all'
        | 'runs:write:all'
        | 'runs:cancel:all'
        | 'approvals:read'
        | 'approvals:decide'
        | 'budgets:write'
        | 'usage:read'
        | 'principals:act'
        | 'metrics:read'
        | 'providers:write'
        | 'tenants:read'
        | 'tenants:write'
        | 'admin'
        | 'runs:*'
        | 'runs:*:all'
        | 'tenants:*'
        | 'operator'
      )
    | string
  )[]
  created_at: string
  /**
   * What has made it; null: it was made on the machine, or where nobody is asked for a credential.
   */
  created_by:
    | (
        | {
            type: 'key'
            /**
             * An API key's id.
             */
            id: string
            /**
             * Whom the credential stands for. It differs from the principal where it acted for somebody else.
             */
            principal: string
          }
        | {
            type: 'token'
            issuer: string
            /**
             * The token's `jti`; its subject where it has none.
             */
            id: string
            /**
             * Whom the credential stands for. It differs from the principal where it acted for somebody else.
             */
            principal: string
          }
      )
    | null
  expires_at: string | null
  /**
   * Until when the secret before the last rotation is taken as well; null: it is not.
   */
  old_secret_until: string | null
  /**
   * To the minute.
   */
  last_used_at: string | null
  revoked_at: string | null
  /**
   * The key itself: shown now, and never again.
   */
  key: string
}
export interface ApiKeyPage {
  object: 'list'
  data: ApiKey[]
  has_more: boolean
  /**
   * Give it as `after` to get the page that follows.
   */
  next: string | null
}
export interface ApiKey {
  /**
   * What stands in the key behind `hf_`.
   */
  id: string
  object: 'api_key'
  tenant: string
  principal: string
  groups: string[]
  /**
   * The product's own, and those that the application's tools demand: `tools:…`, or `tools:*` for all of them.
   */
  scopes: (
    | (
        | 'runs:read'
        | 'runs:write'
        | 'runs:cancel'
        | 'runs:read:all'
        | 'runs:write:all'
        | 'runs:cancel:all'
        | 'approvals:read'
        | 'approvals:decide'
        | 'budgets:write'
        | 'usage:read'
        | 'principals:act'
        | 'metrics:read'
        | 'providers:write'
        | 'tenants:read'
        | 'tenants:write'
        | 'admin'
        | 'runs:*'
        | 'runs:*:all'
        | 'tenants:*'
        | 'operator'
      )
    | string
  )[]
  created_at: string
  /**
   * What has made it; null: it was made on the machine, or where nobody is asked for a credential.
   */
  created_by:
    | (
        | {
            type: 'key'
            /**
             * An API key's id.
             */
            id: string
            /**
             * Whom the credential stands for. It differs from the principal where it acted for somebody else.
             */
            principal: string
          }
        | {
            type: 'token'
            issuer: string
            /**
             * The token's `jti`; its subject where it has none.
             */
            id: string
            /**
             * Whom the credential stands for. It differs from the principal where it acted for somebody else.
             */
            principal: string
          }
      )
    | null
  expires_at: string | null
  /**
   * Until when the secret before the last rotation is taken as well; null: it is not.
   */
  old_secret_until: string | null
  /**
   * To the minute.
   */
  last_used_at: string | null
  revoked_at: string | null
}
export interface NewTenantRecordInput {
  /**
   * As it stands in keys, in tokens and on runs. It never changes.
   */
  id: string
  name?: string
  /**
   * Kept with the tenant and given back.
   */
  metadata?: {
    [k: string]: string
  }
}
export interface TenantRecord {
  /**
   * As it stands in keys, in tokens and on runs. It never changes.
   */
  id: string
  object: 'tenant_record'
  name: string | null
  metadata: {
    [k: string]: string
  }
  status: 'active' | 'suspended'
  suspension: {
    at: string
    /**
     * Principal of the operator.
     */
    by: string
    reason: string | null
  } | null
  /**
   * Of the row: a tenant may be older than that.
   */
  created_at: string
}
export interface TenantRecordPage {
  object: 'list'
  data: TenantRecord[]
  has_more: boolean
  /**
   * Give it as `after` to get the page that follows.
   */
  next: string | null
}
export interface ChangeTenantRecordInput {
  /**
   * null takes it away.
   */
  name?: string | null
  /**
   * In the place of all entries.
   */
  metadata?: {
    [k: string]: string
  }
}
export interface NewTokenInput {
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id?: string
  /**
   * For the thread, and all runs that are turns in it.
   */
  thread_id?: string
  /**
   * Whether it may send messages, cancel and, in a thread, start turns. Reading it may always.
   */
  write?: boolean
  /**
   * The agents of which it may start turns; all of them where nothing is said. One of them at least has to be there.
   *
   * @minItems 1
   * @maxItems 20
   */
  agents?: string[]
  /**
   * Seconds. The token ends with the credential that makes it, where that ends before; one that ends within 10 seconds makes none.
   */
  expires_in?: number
  /**
   * The person in whose name this is sent, in place of the caller. It takes the scope `principals:act`.
   */
  principal?: string
  /**
   * That person's groups. Each has to be one of the caller's own.
   *
   * @maxItems 50
   */
  groups?: string[]
  /**
   * That person's scopes for tools, `tools:…`. The caller has to have each of them.
   *
   * @maxItems 50
   */
  scopes?: string[]
}
export interface Token {
  object: 'token'
  /**
   * Names the token on the record and in the log; it lets nobody in.
   */
  id: string
  /**
   * The token itself, `hft_…`: shown now, and never again.
   */
  token: string
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id?: string
  /**
   * `thr_` and 26 characters that sort by time of creation.
   */
  thread_id?: string
  write: boolean
  agents?: string[]
  /**
   * In whose name its bearer acts.
   */
  principal: string
  expires_at: string
  /**
   * The same in seconds from now, for a page whose clock is wrong.
   */
  expires_in: number
}
export interface Problem {
  /**
   * Where the code is explained.
   */
  type: string
  title: string
  status: number
  detail: string
  /**
   * Path of the request.
   */
  instance: string
  code:
    | 'invalid_request'
    | 'invalid_json'
    | 'invalid_idempotency_key'
    | 'invalid_cursor'
    | 'unauthenticated'
    | 'forbidden'
    | 'tenant_suspended'
    | 'not_an_approver'
    | 'requester_excluded'
    | 'decision_unsigned'
    | 'not_found'
    | 'method_not_allowed'
    | 'not_acceptable'
    | 'request_timeout'
    | 'tenant_exists'
    | 'already_decided'
    | 'stale'
    | 'already_voted'
    | 'run_not_resumable'
    | 'schedule_stopped'
    | 'key_ended'
    | 'run_ended'
    | 'thread_busy'
    | 'turn_not_begun'
    | 'payload_too_large'
    | 'uri_too_long'
    | 'unsupported_media_type'
    | 'decision_not_allowed'
    | 'edited_arguments_invalid'
    | 'edit_beyond_policy'
    | 'edit_not_looked_up'
    | 'budget_change_invalid'
    | 'misdirected_request'
    | 'unknown_agent'
    | 'too_many_schedules'
    | 'idempotency_key_reused'
    | 'too_many_requests_ahead'
    | 'rate_limited'
    | 'start_rate_limited'
    | 'too_many_runs'
    | 'too_many_streams'
    | 'run_busy'
    | 'thread_full'
    | 'webhook_url_refused'
    | 'too_many_webhooks'
    | 'webhook_disabled'
    | 'file_not_taken'
    | 'file_quota_reached'
    | 'file_unknown'
    | 'models_cannot_read_files'
    | 'headers_too_large'
    | 'internal'
    | 'unavailable'
    | 'overloaded'
  /**
   * Also in the `x-request-id` header, and in our log.
   */
  request_id: string
  /**
   * Of the request, where it came with a `traceparent`.
   */
  trace_id?: string
  /**
   * JSON pointers into the body, or `/name` of a query parameter.
   *
   * @maxItems 50
   */
  errors?: {
    pointer: string
    detail: string
  }[]
}
export interface InboxLive {
  object: 'inbox'
}
export interface ModelStarted {
  object: 'delta'
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  step: number
  /**
   * Place of the model in the chain, from 0.
   */
  hop: number
  /**
   * From 1. Text of an earlier attempt is void when a later one begins.
   */
  attempt: number
  type: 'model.started'
}
export interface ModelDelta {
  object: 'delta'
  /**
   * `run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.
   */
  run_id: string
  step: number
  /**
   * Place of the model in the chain, from 0.
   */
  hop: number
  /**
   * From 1. Text of an earlier attempt is void when a later one begins.
   */
  attempt: number
  type: 'model.delta'
  text: string
}
