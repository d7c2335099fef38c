import type pg from 'pg';

/** Where the handlers store what they normalise. */
export async function createMovieTable(client: pg.ClientBase): Promise<void> {
  await client.query(`
    create table if not exists movie (
      id       integer primary key,
      title    text not null,
      released date not null,
      genre    text not null,
      gross    bigint,
      budget   bigint,
      rating   real
    )`);
}
