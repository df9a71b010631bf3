create table bench_orders (
  tenant text not null,
  number text not null,
  owner text not null,
  placed_on date not null,
  paid_cents integer not null,
  items jsonb not null,
  primary key (tenant, number)
);
