-- Recording decides whom an event concerns by its statement's snapshot, and then may wait for the
-- counters of a subscription that is being moved, paused, resumed or ended. What it had read counts
-- no more after that. A function that may change data reads anew: asked when the counters are locked,
-- this one sees what every holder of them has committed. `locked` is there so that it is asked then.
create function subscriptions_stand(ids uuid[], endpoints uuid[], dues boolean[], locked bigint)
returns boolean language plpgsql volatile as $$
begin
  if exists (
    select from unnest(ids, endpoints, dues) as told (id, endpoint_id, due)
    where not exists (
      select from subscriptions s
      where s.id = told.id and s.endpoint_id = told.endpoint_id
        and s.state in ('active', 'paused', 'disabled', 'filling')
        and (s.state = 'active') = told.due)
  ) then
    raise exception 'a subscription was changed meanwhile' using errcode = 'serialization_failure';
  end if;
  return true;
end
$$;
