-- Where a process runs, by which others on the same machine know for certain that it has ended.
alter table processes add column place text;
