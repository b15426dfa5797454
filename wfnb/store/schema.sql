-- A history in DuckDB. Read it with plain DuckDB while no kernel has it open:
--     select run, seq, type, node from events order by pos
--
-- No index and no primary key: the one writer keeps (run, seq) and pos unique and gap-free, and
-- opening checks that they are. Times are microseconds since the epoch in the tables, TIMESTAMPTZ
-- in the views; durations are seconds.

create table if not exists meta (
    version integer not null,   -- of the tables; a newer one than known is refused
    wfnb varchar not null,      -- what made the file
    views varchar not null      -- fingerprint of all that is below, made anew where it differs
);

create table if not exists definitions (
    hash varchar not null,
    document json not null
);

create table if not exists events (
    pos bigint not null,        -- 1, 2, 3, ... over the whole history
    run varchar not null,
    epoch integer not null,     -- who wrote it, where runs are taken over
    seq integer not null,       -- 1, 2, 3, ... within the run, but for those that were dropped
    ts bigint not null,
    type varchar not null,
    node varchar,
    payload json not null       -- the whole event, its type included
);

-- Positions that `events` has no more, in ranges with both their ends: with them it is 1, 2, 3, ... again.
create table if not exists gone (
    first bigint not null,
    last bigint not null
);

-- Runs that a Parquet file has; the others that are gone were forgotten.
create table if not exists archived (
    run varchar not null,
    file varchar not null,      -- in the folder `<history>.archive`
    epoch integer not null,
    events integer not null,    -- how many it had
    dropped integer not null,   -- those from 2 to this one are not in the file, a snapshot has their place; 1: all are
    first bigint not null,      -- `pos` of its first event
    workflow varchar not null,
    definition varchar not null,
    status varchar not null,
    started bigint not null,
    ended bigint not null
);

-- Runs that have a snapshot in the place of their events from 2 to `last`.
create table if not exists dropped (
    run varchar not null,
    last integer not null
);

-- Where runs stood, to spare folding their events from the first on. They can be deleted at any time.
create table if not exists snapshots (
    run varchar not null,
    seq integer not null,       -- of the last event that it covers
    definition varchar not null,
    ts bigint not null,
    state json not null         -- its format included; one that does not fit is not read
);

-- Values that are not JSON: events name them by the hash of their content.
create table if not exists "values" (
    hash varchar not null,
    codec varchar not null,     -- what encoded it
    size bigint not null,       -- bytes
    data blob                   -- null: it is large, and the file of this name in the folder `HISTORY.values`
);

-- Cached results of an activity up to an event are not used again; '' stands for all activities.
create table if not exists forgotten (
    activity varchar not null,
    pos bigint not null
);

-- views --

-- Every event: those of the table, and those of the archived runs' files, which are added where there are any.
create or replace view all_events as
select pos, run, epoch, seq, ts, type, node, payload
from events;

-- Events with their time.
create or replace view event_log as
select pos, run, epoch, seq, make_timestamptz(ts) as "time", type, node, payload
from all_events;

-- Nodes of every definition.
create or replace view nodes as
select
    hash as definition,
    node ->> 'id' as node,
    node ->> 'kind' as kind,
    coalesce(nullif(node ->> 'label', ''), node ->> 'id') as label,
    node ->> 'activity' as activity,
    node ->> 'workflow' as workflow,
    node ->> 'failure' as failure,
    node -> 'resources' as resources,
    node as document
from (select hash, unnest((document -> 'nodes')::json[]) as node from definitions);

-- Edges of every definition, numbered from 0 as in the `moves` of events.
create or replace view edges as
select
    hash as definition,
    unnest(range(len(edges))) as edge,
    unnest(edges) ->> 'source' as source,
    unnest(edges) ->> 'target' as target,
    coalesce((unnest(edges) ->> 'spawn')::boolean, false) as spawn
from (select hash, (document -> 'edges')::json[] as edges from definitions);

-- The definition that a run follows, from which of its events to which.
create or replace view followed as
select
    run,
    payload ->> 'definition' as definition,
    seq as since,
    coalesce(lead(seq) over (partition by run order by seq) - 1, 9223372036854775807) as until
from all_events
where type in ('RunStarted', 'RunMigrated');

-- One row an edge taken, in the order of the history.
create or replace view transitions as
select
    m.run,
    m.seq,
    make_timestamptz(m.ts) as "time",
    m.node,                                       -- what the event that took it is of; null: the run's start
    if(m.edge < 0, -m.edge - 1, m.edge) as edge,  -- its number in the definition
    e.source,
    e.target,
    m.edge < 0 as skipped,                        -- a branch of an inclusive fork that was not taken
    m.pos,
    m.turn
from (
    select
        run, seq, pos, ts, node,
        unnest((payload -> 'moves')::integer[]) as edge,
        unnest(range(json_array_length(payload -> 'moves')::integer)) as turn
    from all_events
    where type in (
        'RunStarted', 'TaskCompleted', 'TaskFailed', 'TimerFired', 'SignalReceived', 'SignalTaken', 'ConditionMet',
        'ApprovalGiven', 'MapCompleted', 'ChildCompleted', 'ChildFailed', 'NodeFailed', 'RunReopened'
    )
) m
join followed d on d.run = m.run and m.seq between d.since and d.until
join edges e on e.definition = d.definition and e.edge = if(m.edge < 0, -m.edge - 1, m.edge);

-- One row a value that a node was given, the latest last; of a map one for each of its items.
create or replace view node_values as
select
    run,
    seq,
    make_timestamptz(ts) as "time",
    node,
    (payload ->> 'visit')::integer as visit,
    (payload ->> 'index')::integer as item,       -- of a map, from 0
    payload -> 'value' as value,
    payload ->> '$.unstored.type' as type,        -- of a value that is not JSON
    payload ->> '$.unstored.hash' as hash,        -- by which the table `values` has it, where it is kept
    case type
        when 'ValueEdited' then 'edited'
        when 'ApprovalGiven' then 'answered'
        when 'SignalReceived' then 'signalled'
        else case payload ->> 'given' when 'pin' then 'pinned' when 'cache' then 'cached'
            when 'disabled' then 'disabled' when 'fork' then 'known'
            else 'completed' end
    end as how,
    pos
from all_events
where type in ('TaskCompleted', 'ApprovalGiven', 'ValueEdited')
    or (type = 'SignalReceived' and node is not null and (payload -> 'value') is not null)
    or (type = 'ChildCompleted' and ((payload ->> 'index') is not null or (payload -> 'moves') is not null));

-- One row a run. `events` counts up to now; `ended` and `seconds` are null while it runs.
create or replace view runs as
with lives as (
    select
        run,
        min(pos) as pos,
        max(seq) as events,
        max(epoch) as epoch,
        min(ts) filter (type = 'RunStarted') as started,
        any_value(payload) filter (type = 'RunStarted') as opening,
        arg_max(ts, seq) filter (type in ('RunCompleted', 'RunFailed', 'RunCancelled', 'RunReopened')) as ended,
        arg_max(type, seq) filter (type in ('RunCompleted', 'RunFailed', 'RunCancelled', 'RunReopened')) as ending,
        arg_max(payload, seq) filter (
            type in ('RunCompleted', 'RunFailed', 'RunCancelled', 'RunReopened')
        ) as outcome,
        arg_max(type, seq) filter (type in ('RunPaused', 'RunResumed')) as paused
    from all_events
    group by run
)
select
    run,
    coalesce(opening ->> 'parent', '') as parent,  -- the run whose call, map or spawning edge it serves
    coalesce(opening ->> 'origin', '') as origin,  -- the run that it was forked from
    opening ->> 'workflow' as workflow,
    opening ->> 'definition' as definition,
    case ending
        when 'RunCompleted' then 'completed'
        when 'RunFailed' then 'failed'
        when 'RunCancelled' then 'cancelled'
        else if(paused = 'RunPaused', 'paused', 'running')
    end as status,
    make_timestamptz(started) as started,
    if(ending = 'RunReopened', null, make_timestamptz(ended)) as ended,
    if(ending = 'RunReopened', null, ended - started) / 1e6 as seconds,
    events,
    epoch,
    outcome ->> '$.error.type' as error_type,
    coalesce(outcome ->> '$.error.message', outcome ->> 'reason') as error,
    coalesce(opening -> 'input', '{}') as input,  -- an empty one is left out of the event
    outcome -> 'output' as output,
    pos
from lives;

-- One row an attempt of a task, and one a visit of a wait, an approval, a map or a call.
--
-- Attempts: at most one attempt of a node runs at a time, so what follows a
-- start among the node's events is its end (a timer or a signal interrupts it); another start, or the
-- run's end, means it was interrupted (its process died). What comes before it, a token on an edge
-- into the task or a failed attempt, is what it was scheduled by.
--
-- Visits: they are numbered, so the first event of theirs that can be an end is it. A wait begins with
-- the token that comes to it, the others with an event of their own; or with the one that fails them.
create or replace view tasks as
with lives as (
    select
        run,
        arg_max(type, seq) not in ('RunStarted', 'RunReopened') as closed,
        max(ts) filter (type <> 'RunStarted') as closed_at
    from all_events
    where type in ('RunStarted', 'RunCompleted', 'RunFailed', 'RunCancelled', 'RunReopened')
    group by run
),
moves as (
    select run, seq, pos, ts, unnest((payload -> 'moves')::integer[]) as edge
    from all_events
    where type in (
        'RunStarted', 'TaskCompleted', 'TaskFailed', 'TimerFired', 'SignalReceived', 'SignalTaken', 'ConditionMet',
        'ApprovalGiven', 'MapCompleted', 'ChildCompleted', 'ChildFailed', 'NodeFailed', 'RunReopened'
    )
),
tokens as (
    select m.run, e.target as node, n.kind, m.seq, m.pos, m.ts, e.spawn
    from moves m
    join followed d on d.run = m.run and m.seq between d.since and d.until
    join edges e on e.definition = d.definition and e.edge = m.edge
    join nodes n on n.definition = d.definition and n.node = e.target
),
steps as (
    select run, node, seq, pos, ts, type, payload
    from all_events
    where type in (
        'TaskStarted', 'TaskCompleted', 'TaskFailed', 'TaskCancelled', 'TimerFired', 'SignalReceived', 'SignalTaken'
    )
    union all
    select run, node, seq, null, ts, 'Token', null
    from tokens
    where kind = 'task'
),
attempts as (
    select
        run, node, seq, pos, payload, type,
        ts as started,
        case lag(type) over near
            when 'Token' then lag(ts) over near
            when 'TaskFailed' then (lag(payload) over near ->> 'retry_at')::bigint
        end as scheduled,
        lead(ts) over near as ended,
        lead(type) over near as ending,
        lead(payload) over near as outcome,
        lead(type, 2) over near as afterwards
    from steps
    window near as (partition by run, node order by seq, pos nulls last)  -- a loop edge comes after the end it left by
    qualify type = 'TaskStarted'
),
marks as (
    select
        t.run, t.node, t.kind, row_number() over (partition by t.run, t.node order by t.seq)::integer as visit,
        t.seq, t.pos, t.ts, 'Token' as type, null::json as payload, true as begins, false as ends
    from tokens t
    where t.kind = 'wait' and not t.spawn
    union all
    select
        e.run, e.node, n.kind, (e.payload ->> 'visit')::integer,
        e.seq, e.pos, e.ts, e.type, e.payload,
        case n.kind
            when 'approval' then e.type = 'ApprovalRequested'
            when 'map' then e.type = 'MapStarted'
            when 'call' then e.type = 'ChildStarted' and (e.payload -> 'edge') is null
            else false
        end,
        case e.type
            when 'ApprovalRequested' then false
            when 'MapStarted' then false
            when 'ChildStarted' then false
            when 'ChildCompleted' then n.kind = 'call'
            when 'ChildFailed' then n.kind = 'call' or (n.kind = 'map' and coalesce(n.failure, 'stop') = 'stop')
            else true
        end
    from all_events e
    join followed d on d.run = e.run and e.seq between d.since and d.until
    join nodes n on n.definition = d.definition and n.node = e.node and n.kind in ('wait', 'approval', 'map', 'call')
    where e.type in (
        'TimerFired', 'SignalReceived', 'SignalTaken', 'ConditionMet', 'ApprovalRequested', 'ApprovalGiven', 'MapStarted',
        'MapCompleted', 'ChildStarted', 'ChildCompleted', 'ChildFailed', 'NodeFailed', 'NodeCancelled'
    )
),
visits as (
    select
        run, node, kind, visit,
        min(seq) filter (begins or type = 'NodeFailed') as seq,
        min(pos) filter (begins or type = 'NodeFailed') as pos,
        min(ts) filter (begins or type = 'NodeFailed') as started,
        min(ts) filter (ends) as ended,
        arg_min(type, seq) filter (ends) as ending,
        arg_min(payload, seq) filter (ends) as outcome,
        count(*) filter (kind = 'map' and type in ('ChildCompleted', 'ChildFailed')) as children,
        count(*) filter (kind = 'map' and type = 'ChildFailed') as broken
    from marks
    group by run, node, kind, visit
    having count(*) filter (begins or type = 'NodeFailed') > 0
),
freed as (
    select
        v.*, coalesce(t.ts, v.started) as scheduled,
        case ending
            when 'TimerFired' then 'timer'
            when 'ConditionMet' then 'condition'
            when 'SignalReceived' then '''' || (outcome ->> 'name') || ''''
            when 'SignalTaken' then '''' || (outcome ->> 'name') || ''''
        end as by_what
    from visits v
    asof left join tokens t on t.run = v.run and t.node = v.node and t.seq <= v.seq
),
undone as (  -- what was taken back: a task, or the children of a node
    select
        run, node, (payload ->> 'visit')::integer as visit,
        count(*) filter ((payload -> 'error') is null) as well,
        count(*) filter ((payload -> 'error') is not null) as badly,
        arg_max((payload ->> '$.error.type') || ': ' || (payload ->> '$.error.message'), seq) as why
    from all_events
    where type in ('TaskCompensated', 'ChildCompensated')
    group by all
)
select
    a.run,
    a.node,
    'task' as kind,
    (a.payload ->> 'visit')::integer as visit,
    (a.payload ->> 'attempt')::integer as attempt,
    n.activity,
    case ending
        when 'TaskCompleted' then 'completed'
        when 'TaskFailed' then 'failed'
        when 'TaskCancelled' then 'cancelled'
        when 'TimerFired' then 'cancelled'
        when 'SignalReceived' then 'cancelled'
        when 'SignalTaken' then 'cancelled'
        when 'TaskStarted' then 'interrupted'
        else if(l.closed, 'interrupted', 'running')
    end as status,
    make_timestamptz(least(a.scheduled, a.started)) as scheduled,
    make_timestamptz(a.started) as started,
    if(ending = 'TaskStarted', null, make_timestamptz(a.ended)) as ended,
    (a.started - least(a.scheduled, a.started)) / 1e6 as wait,
    if(ending = 'TaskStarted', null, a.ended - a.started) / 1e6 as seconds,
    if(ending = 'TaskFailed'
        and coalesce(afterwards, '') not in ('TaskCancelled', 'TimerFired', 'SignalReceived', 'SignalTaken'),
        make_timestamptz((outcome ->> 'retry_at')::bigint), null) as retry_at,
    if(ending = 'TaskFailed', outcome ->> '$.error.type', null) as error_type,
    if(ending = 'TaskFailed', outcome ->> '$.error.message', null) as error,
    if(ending = 'TaskCompleted', outcome -> 'value', null) as value,
    if(ending = 'TaskCompleted', outcome -> 'unstored', null) as unstored,
    coalesce((a.payload ->> 'rerun')::boolean, false) as rerun,
    case ending
        when 'TimerFired' then 'interrupted: timer'
        when 'SignalReceived' then 'interrupted: ''' || (outcome ->> 'name') || ''''
        when 'SignalTaken' then 'interrupted: ''' || (outcome ->> 'name') || ''''
        when 'TaskCompleted' then case
            when u.run is not null then if(u.badly > 0, 'not taken back: ' || u.why, 'taken back')
            when outcome ->> 'given' = 'pin' then 'pinned'
            when outcome ->> 'given' = 'cache' then 'cached'
            when outcome ->> 'given' = 'disabled' then 'disabled'
            when outcome ->> 'given' = 'fork' then 'known'
        end
    end as note,
    if(ending in ('TaskCompleted', 'TaskFailed'), outcome ->> '$.usage.worker', null) as worker,  -- null: the loop
    if(ending in ('TaskCompleted', 'TaskFailed'), (outcome ->> '$.usage.cpu')::double, null) as cpu,
    if(ending in ('TaskCompleted', 'TaskFailed'), (outcome ->> '$.usage.memory')::bigint, null) as memory,
    a.seq,
    a.pos
from attempts a
join lives l using (run)
join followed d on d.run = a.run and a.seq between d.since and d.until
left join nodes n on n.definition = d.definition and n.node = a.node
left join undone u on u.run = a.run and u.node = a.node and u.visit = (a.payload ->> 'visit')::integer
    and not coalesce((a.payload ->> 'rerun')::boolean, false)
union all
select
    f.run,
    f.node,
    f.kind,
    f.visit,
    1,
    coalesce(f.activity, f.workflow),
    case
        when ending in ('ApprovalGiven', 'MapCompleted', 'ChildCompleted') then 'completed'
        when ending in ('ChildFailed', 'NodeFailed') then 'failed'
        when by_what is not null and f.kind = 'wait' then 'completed'
        when ending is not null or l.closed then 'cancelled'
        else if(f.kind in ('wait', 'approval'), 'waiting', 'running')
    end,
    make_timestamptz(f.scheduled),
    make_timestamptz(f.started),
    make_timestamptz(coalesce(f.ended, l.closed_at)),
    (f.started - f.scheduled) / 1e6,
    (coalesce(f.ended, l.closed_at) - f.started) / 1e6,
    null,
    if(ending in ('ChildFailed', 'NodeFailed'), outcome ->> '$.error.type', null),
    if(ending in ('ChildFailed', 'NodeFailed'), outcome ->> '$.error.message', null),
    if(ending in ('ApprovalGiven', 'ChildCompleted') or f.kind = 'wait', outcome -> 'value', null),
    if(ending = 'ChildCompleted', outcome -> 'unstored', null),
    false,
    case
        when f.kind = 'map' and u.run is not null then concat_ws(
            ', ', told, if(well > 0, well || ' taken back', null), if(badly > 0, badly || ' not taken back', null)
        )
        when u.run is not null then if(badly > 0, 'not taken back: ' || why, 'taken back')
        else told
    end,
    null,
    null,
    null,
    f.seq,
    f.pos
from (
    select
        g.*, n.activity, n.workflow,
        case
            when by_what is not null then if(g.kind = 'wait', by_what, 'interrupted: ' || by_what)
            when broken > 0 and n.failure = 'skip' then (children - broken) || ' done, ' || broken || ' skipped'
            when children > 0 then children || ' done'
        end as told
    from freed g
    join followed d on d.run = g.run and g.seq between d.since and d.until
    join nodes n on n.definition = d.definition and n.node = g.node
) f
join lives l using (run)
left join undone u on u.run = f.run and u.node = f.node and u.visit = f.visit;

-- One row an attempt of a task and a resource that the task asks for; beside it what the attempt took.
create or replace view resources as
select
    t.run, t.node, t.visit, t.attempt, r.name as resource, r.amount, t.started, t.ended, t.status, t.worker, t.cpu, t.memory
from tasks t
join followed d on d.run = t.run
join (
    select definition, node, asked.key as name, asked.value::double as amount
    from nodes, json_each(resources) asked
) r on r.definition = d.definition and r.node = t.node
where t.kind = 'task' and d.until = 9223372036854775807;

-- One row a sequence of nodes that runs of a workflow completed; most frequent first.
create or replace view variants as
with traces as (
    select run, string_agg(node, ' → ' order by seq) as variant, count(*) as length
    from all_events
    where type in ('ApprovalGiven', 'MapCompleted')
        or (type = 'TaskCompleted' and (payload ->> 'rerun') is null)
        or (type = 'ChildCompleted' and (payload ->> 'index') is null and (payload -> 'moves') is not null)
    group by run
)
select
    r.workflow,
    coalesce(t.variant, '') as variant,
    coalesce(any_value(t.length), 0) as length,
    count(*) as runs,
    count(*) / sum(count(*)) over (partition by r.workflow) as share,
    median(r.seconds) as seconds,
    min_by(r.run, r.pos) as example
from runs r
left join traces t using (run)
where r.parent = ''
group by r.workflow, coalesce(t.variant, '')
order by r.workflow, runs desc, variant;
