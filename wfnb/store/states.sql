-- Where the tokens of a run stand after each of its events: what `evolve` (wfnb/machine) folds, said in SQL.
--
-- A place has what happened to it last. Tokens come by the edges taken (`moves`), and leave with an event of their
-- node, or because an edge, an end or a join empties a part of the drawing: which part follows from the definition.
-- Within an event its own effect comes first (turn -1), then its moves one by one: what a move empties (part 0), where
-- its token goes (1), what that sets off (2).

-- Nodes in each group, those in groups within it too.
create or replace view group_members as
with recursive listed as (
    select definition, node as grp, unnest((document -> 'members')::varchar[]) as node from nodes where kind = 'group'
),
inside as (
    select * from listed
    union
    select i.definition, i.grp, l.node from inside i join listed l on l.definition = i.definition and l.grp = i.node
)
select i.definition, i.grp, i.node
from inside i join nodes n on n.definition = i.definition and n.node = i.node and n.kind not in ('group', 'note');

-- What an edge empties that is taken: the group that its trigger interrupts, those with `cancel` that it leads out of.
create or replace view emptied as
with sizes as (
    select definition, grp, count(*) as size from group_members group by all
),
within as (  -- groups that are all inside a larger one
    select a.definition, a.grp, b.grp as outside
    from group_members a
    join group_members b on b.definition = a.definition and b.node = a.node and b.grp <> a.grp
    join sizes s on s.definition = a.definition and s.grp = a.grp
    join sizes t on t.definition = b.definition and t.grp = b.grp
    group by a.definition, a.grp, b.grp, s.size, t.size
    having count(*) = s.size and s.size < t.size
),
around as (  -- groups that an edge may leave
    select e.definition, e.edge, e.target, m.grp
    from edges e join group_members m on m.definition = e.definition and m.node = e.source
    union
    select e.definition, e.edge, e.target, w.outside
    from edges e join within w on w.definition = e.definition and w.grp = e.source
),
leaving as (
    select e.definition, e.edge, e.source as grp
    from edges e join nodes n on n.definition = e.definition and n.node = e.source and n.kind = 'group'
    union
    select a.definition, a.edge, a.grp
    from around a
    join nodes g on g.definition = a.definition and g.node = a.grp and (g.document -> 'cancel')::boolean
    anti join group_members t on t.definition = a.definition and t.grp = a.grp and t.node = a.target
),
firsts as (  -- of a fork the first branch empties, before any token is put
    select
        e.definition, e.edge,
        if(n.kind = 'fork' and (n.document -> 'join') is null, min(e.edge) over (partition by e.definition, e.source), e.edge)
            as by_edge
    from edges e join nodes n on n.definition = e.definition and n.node = e.source
)
select distinct l.definition, f.by_edge as edge, m.node
from leaving l
join firsts f on f.definition = l.definition and f.edge = l.edge
join group_members m on m.definition = l.definition and m.grp = l.grp;

-- Joins: how many tokens each needs, how many edges lead there, and whether it withdraws the rest when it fires.
create or replace view joins as
select
    n.definition, n.node, e.size,
    least(
        case n.document ->> 'need' when 'any' then 1 when 'all' then e.size else coalesce((n.document ->> 'need')::int, e.size) end,
        e.size
    ) as need,
    coalesce((n.document ->> 'rest') = 'cancel', false) as cancels
from nodes n
join (select definition, target, count(*) as size from edges group by all) e on e.definition = n.definition and e.target = n.node
where n.kind = 'join';

-- What a join withdraws that does not wait for all: everything from where its branches part (its immediate dominator).
create or replace view rests as
with recursive cancelling as (
    select definition, node as "join" from joins where cancels and need < size
),
flows as (  -- from a node to those behind it; an interrupt of a group comes from each of its members
    select e.definition, e.source as node, e.target as next
    from edges e semi join cancelling c on c.definition = e.definition
    union
    select m.definition, m.node, e.target
    from group_members m join edges e on e.definition = m.definition and e.source = m.grp
    semi join cancelling c on c.definition = m.definition
),
without as (  -- what is reached from the start where one node is not gone through
    select n.definition, n.node as missing, s.node
    from nodes n
    join nodes s on s.definition = n.definition and s.kind = 'start' and s.node <> n.node
    semi join cancelling c on c.definition = n.definition
    union
    select w.definition, w.missing, f.next
    from without w join flows f on f.definition = w.definition and f.node = w.node and f.next <> w.missing
),
dominators as (
    select c.definition, c."join", n.node
    from cancelling c
    join nodes n on n.definition = c.definition and n.node <> c."join" and n.kind not in ('group', 'note')
    anti join without w on w.definition = c.definition and w.missing = n.node and w.node = c."join"
),
parting as (  -- the one that all others lie before
    select d.definition, d."join", arg_max(d.node, (
        select count(*) from dominators o
        where o.definition = d.definition and o."join" = d."join" and o.node <> d.node and not exists (
            select 1 from without w where w.definition = d.definition and w.missing = o.node and w.node = d.node
        )
    )) as node
    from dominators d group by d.definition, d."join"
),
towards as (
    select definition, "join", "join" as node from parting
    union
    select t.definition, t."join", f.node
    from towards t
    join parting p on p.definition = t.definition and p."join" = t."join" and p.node <> t.node
    join flows f on f.definition = t.definition and f.next = t.node
),
inside as (
    select definition, "join", node as parted, node from parting
    union
    select i.definition, i."join", i.parted, f.next
    from inside i
    join flows f on f.definition = i.definition and f.node = i.node and f.next <> i.parted
    join towards t on t.definition = i.definition and t."join" = i."join" and t.node = f.next
    where i.node <> i."join"
)
select definition, "join", node from inside where node <> parted;

-- What taking an edge does, by parts: 0, what it empties; 1, where its token goes; 2, what an end empties that terminates.
create or replace view edge_effects as
select x.definition, x.edge, 0 as part, x.node, n.kind, 'clear' as step
from emptied x join nodes n on n.definition = x.definition and n.node = x.node
union all
select
    e.definition, e.edge, 1, e.target, n.kind,
    case n.kind when 'join' then 'come' when 'wait' then 'rest' when 'approval' then 'rest' else 'before' end
from edges e
join nodes n on n.definition = e.definition and n.node = e.target
    and n.kind in ('task', 'map', 'call', 'wait', 'approval', 'join')
where not e.spawn
union all
select e.definition, e.edge, 2, n.node, n.kind, 'clear'
from edges e
join nodes t on t.definition = e.definition and t.node = e.target and t.kind = 'end'
    and (coalesce((t.document -> 'terminate')::boolean, false) or coalesce(t.document ->> 'error', '') <> '')
join nodes n on n.definition = e.definition and n.kind in ('task', 'map', 'call', 'wait', 'approval', 'join');

-- Every edge taken, in turn.
create or replace view moved as
select m.run, m.seq, m.turn, m.type, if(m.move < 0, -m.move - 1, m.move) as edge, m.move < 0 as skipped, d.definition
from (
    select
        run, seq, type,
        unnest((payload -> 'moves')::integer[]) as move,
        unnest(range(json_array_length(payload -> 'moves')::integer))::integer as turn
    from all_events
    where type in (
        'RunStarted', 'TaskCompleted', 'TaskFailed', 'TimerFired', 'SignalReceived', 'SignalTaken', 'ConditionMet',
        'ApprovalGiven', 'MapCompleted', 'ChildCompleted', 'ChildFailed', 'NodeFailed', 'RunReopened'
    )
) m
asof join followed d on d.run = m.run and m.seq >= d.since;  -- one that no planner puts behind those to nodes and edges

-- A join that withdraws the rest fires with the last token that came before the edge out of it was taken.
create or replace view rested as
select o.run, o.seq, o.definition, e.source as "join", max(a.turn) as turn
from moved o
join (
    select e.definition, e.edge, e.source from edges e
    semi join rests r on r.definition = e.definition and r."join" = e.source
) e on e.definition = o.definition and e.edge = o.edge
join moved a on a.run = o.run and a.seq = o.seq and a.turn < o.turn
join edges i on i.definition = o.definition and i.edge = a.edge and i.target = e.source
group by o.run, o.seq, o.definition, e.source, o.turn;

-- What each event does to the tokens and the value of a node, and what each move does.
--
-- Steps: `in` (the token before a node goes in), `again` (another attempt, or a pause before it), `rest` (a token comes
-- to rest inside), `out`, `off` (out, if it is still that visit's), `failed` (out, or what was before it), `before` (a
-- token comes before a node), `clear` (every token leaves), `come` (a token comes to a join), `none` (no token moves).
create or replace view token_steps as
with spawned as (
    select distinct run, payload ->> 'run' as child  -- one that was reopened was begun twice
    from all_events where type = 'ChildStarted' and (payload -> 'edge') is not null
)
select
    e.run, e.seq, -1 as turn, 1 as part, e.node, n.kind, d.definition,
    case e.type
        when 'TaskStarted' then if((e.payload ->> 'rerun') is not null, null, if((e.payload ->> 'attempt')::int = 1, 'in', 'again'))
        when 'TaskCompleted' then if((e.payload ->> 'rerun') is not null, 'none', 'out')
        when 'TaskFailed' then if((e.payload ->> 'retry_at') is not null, 'again', 'out')
        when 'TaskCancelled' then 'off'
        when 'NodeCancelled' then 'off'
        when 'NodeFailed' then 'failed'
        when 'MapStarted' then 'in'
        when 'ChildStarted' then
            if((e.payload -> 'edge') is not null, 'none', if((e.payload -> 'index') is null, 'in', null))
        when 'ChildCompleted' then if((e.payload -> 'index') is null and s.child is null, 'out', null)
        when 'ChildFailed' then
            if(s.child is null and ((e.payload -> 'index') is null or coalesce(n.failure, 'stop') = 'stop'), 'out', null)
        when 'ValueEdited' then 'none'
        else 'out'
    end as step,
    case when e.type in ('TaskStarted', 'TaskFailed', 'TaskCancelled', 'NodeCancelled', 'NodeFailed', 'MapStarted', 'ChildStarted')
        then (e.payload ->> 'visit')::int end as visit,
    case e.type when 'TaskStarted' then (e.payload ->> 'attempt')::int when 'TaskFailed' then (e.payload ->> 'attempt')::int
        else 1 end as attempt,
    if(e.type = 'TaskFailed', (e.payload ->> 'retry_at')::bigint, null) as retry_at,
    null::integer as edge,
    if(e.type in ('TaskCompleted', 'ApprovalGiven', 'ValueEdited', 'MapCompleted', 'ChildCompleted')
        or (n.kind = 'wait' and e.type in ('TimerFired', 'SignalReceived', 'SignalTaken', 'ConditionMet')), e.seq, null)
        as value_seq
from all_events e
join followed d on d.run = e.run and e.seq between d.since and d.until
join nodes n on n.definition = d.definition and n.node = e.node
left join spawned s on s.run = e.run and e.type in ('ChildCompleted', 'ChildFailed') and s.child = (e.payload ->> 'run')
where e.type in (
    'TaskStarted', 'TaskCompleted', 'TaskFailed', 'TaskCancelled', 'TimerFired', 'SignalReceived', 'SignalTaken',
    'ConditionMet', 'ApprovalGiven', 'MapStarted', 'MapCompleted', 'ChildStarted', 'ChildCompleted', 'ChildFailed',
    'NodeFailed', 'NodeCancelled', 'ValueEdited'
)
union all
select m.run, m.seq, m.turn, t.part, t.node, t.kind, m.definition, t.step, null, 1, null, if(t.step = 'clear', null, m.edge), null
from moved m
join edge_effects t on t.definition = m.definition and t.edge = m.edge
where t.part > 0 or not (m.skipped or m.type = 'RunReopened')
union all
select m.run, m.seq, m.turn, 2, r.node, n.kind, m.definition, 'clear', null, null, null, null, null
from rested m
join rests r on r.definition = m.definition and r."join" = m."join"
join nodes n on n.definition = r.definition and n.node = r.node
union all  -- a run that is taken back: nothing begins any more; what is inside is called off, event by event
select e.run, e.seq, -1, 1, n.node, n.kind, n.definition, if(n.kind = 'join', 'clear', 'forgotten'), null, null, null, null, null
from all_events e
join followed d on d.run = e.run and e.seq between d.since and d.until
join nodes n on n.definition = d.definition and n.kind in ('task', 'map', 'call', 'join')
where e.type = 'CompensationStarted'
union all  -- what a spawned run knows of its parent's values
select e.run, e.seq, -1, 1, n.node, n.kind, n.definition, 'none', null, null, null, null, e.seq
from (
    select run, seq, unnest(json_keys(payload -> 'values') || json_keys(payload -> 'lost')) as node
    from (
        select run, seq, json_object('values', coalesce(payload -> 'values', '{}'), 'lost', coalesce(payload -> 'lost', '{}')) as payload
        from all_events
        where type = 'RunStarted' and ((payload -> 'values') is not null or (payload -> 'lost') is not null)
    )
) e
join followed d on d.run = e.run and d.since = 1
join nodes n on n.definition = d.definition and n.node = e.node;

-- One row a node and a part of its run in which nothing about the node changes: from after event `from_seq` until
-- before event `to_seq`; the state after event n has `from_seq <= n and n < to_seq`. A node of which nothing has
-- happened yet has no row, nor has a run whose events were dropped.
create or replace view states as
with told as (
    select * exclude (visit, latest, rests),
        if(kind in ('wait', 'approval'), rests, latest) as latest,  -- the visit that was inside last
        if(step = 'rest', rests + 1, visit) as visit
    from (
        select *,
            last_value(if(step in ('in', 'again'), visit, null) ignore nulls) over before as latest,
            (count(*) filter (step = 'rest') over before)::integer as rests
        from token_steps
        where kind <> 'join' and step is not null and run not in (select run from dropped)
        window before as (partition by run, node order by seq, turn, part rows between unbounded preceding and 1 preceding)
    )
),
facts as (  -- what each step says of attempt (0: nothing is inside), pause (0: none), edge (-1: none), visit and value
    select
        run, node, kind, seq, turn, part,
        case when step in ('in', 'again', 'rest') then attempt when step in ('out', 'off', 'clear', 'failed') then 0 end
            as attempt,
        case when step in ('in', 'again', 'rest') then coalesce(retry_at, 0)
            when step in ('out', 'off', 'clear', 'failed') then 0 end as retry_at,
        case when step = 'before' then edge when step in ('in', 'clear', 'forgotten') or begins then -1 end as edge,
        case when step in ('in', 'again', 'rest', 'none') or begins then visit end as visit,
        value_seq,
        null::integer[] as edges
    from (select *, step = 'failed' and visit > coalesce(latest, 0) as begins from told)
    where step <> 'off' or visit = latest
    union all
    select
        run, node, 'join', seq, turn, part, null, null, null, null, null,
        if(step = 'come' and come % lap <> 0,
            list(edge) filter (step = 'come') over (
                partition by run, node, epoch, (come - 1) // lap order by seq, turn, part
            ), [])
    from (
        select c.*, if(j.cancels, j.need, j.size) as lap,
            count(*) filter (step = 'come') over (partition by c.run, c.node, c.epoch order by c.seq, c.turn, c.part) as come
        from (
            select *, count(*) filter (step = 'clear') over (partition by run, node order by seq, turn, part) as epoch
            from token_steps where kind = 'join' and run not in (select run from dropped)
        ) c
        join joins j on j.definition = c.definition and j.node = c.node
    )
),
folded as (
    select
        run, node, kind, seq, edges,
        coalesce(last_value(attempt ignore nulls) over whole, 0) as attempt,
        last_value(retry_at ignore nulls) over whole as retry_at,
        coalesce(last_value(edge ignore nulls) over whole, -1) as edge,
        coalesce(last_value(visit ignore nulls) over whole, 0) as visit,
        last_value(value_seq ignore nulls) over whole as value_seq,
        lead(seq::bigint, 1, 9223372036854775807) over whole as to_seq
    from facts
    window whole as (partition by run, node order by seq, turn, part)
)
select
    run, node, kind,
    seq as from_seq,
    to_seq,
    case
        when attempt > 0 then
            if(retry_at > 0, 'retrying', if(kind in ('wait', 'approval'), 'waiting', 'running'))
        when edge >= 0 then 'ready'
        when len(edges) > 0 then 'waiting'
        else 'idle'
    end as status,
    visit,                                        -- how often the run has come into it
    nullif(attempt, 0) as attempt,
    make_timestamptz(nullif(retry_at, 0)) as retry_at,
    (attempt > 0)::int + (edge >= 0)::int + coalesce(len(edges), 0)::int as tokens,
    if(edge >= 0, [edge], coalesce(edges, [])) as edges,  -- on which its tokens lie that are not inside, by number
    value_seq                                     -- the event that gave its value
from folded
where to_seq > seq;  -- of several steps in one event the last one counts

-- One row a run and a part of it in which nothing about the run itself changes, as in `states`.
create or replace view run_states as
select
    run,
    seq as from_seq,
    lead(seq::bigint, 1, 9223372036854775807) over whole as to_seq,
    last_value(case type when 'RunCompleted' then 'completed' when 'RunFailed' then 'failed' when 'RunCancelled' then 'cancelled'
        when 'RunStarted' then 'running' when 'RunReopened' then 'running' end ignore nulls) over whole as status,
    last_value(case type when 'RunPaused' then true when 'RunResumed' then false when 'RunStarted' then false end ignore nulls)
        over whole as paused,
    count(*) filter (type = 'CompensationStarted') over whole > 0 as taking_back,
    last_value(if(type in ('RunStarted', 'RunMigrated'), payload ->> 'definition', null) ignore nulls) over whole as definition,
    last_value(if(type = 'RunCompleted', seq, null) ignore nulls) over whole as output_seq,  -- the event that gave its output
    nullif(last_value(case type when 'RunFailed' then seq when 'RunReopened' then 0 end ignore nulls) over whole, 0) as error_seq
from all_events
where type in (
    'RunStarted', 'RunPaused', 'RunResumed', 'RunReopened', 'RunMigrated', 'CompensationStarted', 'RunCompleted', 'RunFailed',
    'RunCancelled'
) and run not in (select run from dropped)
window whole as (partition by run order by seq);

-- The state of a run after one of its events, a row a node: from state_at('run', 12).
create or replace macro state_at(of_run, event) as table
select
    r.run, r.status as run_status, n.node, n.kind,
    coalesce(s.status, 'idle') as status,
    coalesce(s.visit, 0) as visit,
    s.attempt,
    s.retry_at,
    coalesce(s.tokens, 0) as tokens,
    coalesce(s.edges, []) as edges,
    s.value_seq,
    case e.type
        when 'MapCompleted' then (
            select to_json(coalesce(list(coalesce(c.payload -> 'value', 'null') order by (c.payload ->> 'index')::int), []))
            from all_events c
            where c.run = of_run and c.node = e.node and c.type in ('ChildCompleted', 'ChildFailed')
                and (c.payload ->> 'visit') = (e.payload ->> 'visit') and (c.payload -> 'index') is not null
            having count(*) filter ((c.payload -> 'unstored') is not null) = 0
        )
        when 'RunStarted' then json_extract(e.payload -> 'values', '$."' || n.node || '"')
        when 'SignalTaken' then if(
            (e.payload ->> 'at') = '-1',
            (
                select coalesce(arg_max(g.payload -> 'value', g.seq), 'null') from all_events g
                where g.run = of_run and g.type = 'SignalReceived' and g.node is not null and g.seq < e.seq
                    and (g.payload ->> 'name') = (e.payload ->> 'name')
            ),
            (
                select coalesce(k.brought[1 + list_reduce(
                    list_prepend(range(len(k.brought)), k.taken), lambda here, one: here[1 : one[1]] || here[one[1] + 2 :]
                )[1 + coalesce((e.payload ->> 'at')::int, 0)]], 'null')
                from (
                    select
                        list(coalesce(g.payload -> 'value', 'null') order by g.seq) filter (g.type = 'SignalReceived')
                            as brought,
                        coalesce(list([coalesce((g.payload ->> 'at')::bigint, 0)] order by g.seq) filter (g.type = 'SignalTaken'), [])
                            as taken
                    from all_events g
                    where g.run = of_run and g.seq < e.seq and (g.payload ->> 'name') = (e.payload ->> 'name') and (
                        (g.type = 'SignalReceived' and g.node is null)
                        or (g.type = 'SignalTaken' and coalesce((g.payload ->> 'at')::int, 0) >= 0)
                    )
                ) k
            )
        )
        when 'SignalReceived' then coalesce(e.payload -> 'value', 'null')
        when 'TimerFired' then 'null'
        when 'ConditionMet' then 'null'
        when 'ApprovalGiven' then coalesce(e.payload -> 'value', 'null')
        else e.payload -> 'value'
    end as "value",
    e.payload ->> '$.unstored.type' as type,
    e.payload ->> '$.unstored.hash' as hash
from run_states r
join nodes n on n.definition = r.definition and n.kind <> 'note'
left join states s on s.run = of_run and s.node = n.node and s.from_seq <= event and event < s.to_seq
left join all_events e on e.run = of_run and e.seq = s.value_seq
where r.run = of_run and r.from_seq <= event and event < r.to_seq
order by n.node;
