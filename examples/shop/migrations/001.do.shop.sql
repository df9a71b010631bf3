-- The shop that the support agent works for. Money is integer cents of the row's currency. `call_key` makes a write happen
-- once for each tool call: it is null for rows that no tool made.

create table if not exists shop_customers (
  tenant text not null,
  id text not null,
  principal text not null,
  first_name text not null,
  last_name text not null,
  email text not null,
  city text not null,
  country text not null,
  primary key (tenant, id),
  unique (tenant, principal)
);

create table if not exists shop_orders (
  tenant text not null,
  number text not null,
  customer_id text not null,
  status text not null check (status in ('processing', 'shipped', 'delivered', 'returned', 'cancelled')),
  currency text not null check (currency in ('EUR', 'GBP')),
  shipping_cents integer not null check (shipping_cents >= 0),
  paid_cents integer not null check (paid_cents >= 0),
  -- Kept here and not only summed up from shop_refunds, so that the database itself refuses to give back more than was paid.
  refunded_cents integer not null default 0 check (refunded_cents between 0 and paid_cents),
  payment_method text not null,
  placed_at timestamptz not null,
  shipped_at timestamptz,
  expected_on date,
  delivered_at timestamptz,
  carrier text,
  tracking_number text,
  delivery_note text,
  primary key (tenant, number),
  foreign key (tenant, customer_id) references shop_customers (tenant, id)
);

create index if not exists shop_orders_by_customer on shop_orders (tenant, customer_id, placed_at desc);

create table if not exists shop_order_lines (
  tenant text not null,
  order_number text not null,
  line integer not null,
  sku text not null,
  title text not null,
  quantity integer not null check (quantity > 0),
  unit_price_cents integer not null check (unit_price_cents >= 0),
  -- False for what may not come back for a change of mind: food, gift cards, engraved things.
  returnable boolean not null,
  primary key (tenant, order_number, line),
  unique (tenant, order_number, sku),
  foreign key (tenant, order_number) references shop_orders (tenant, number)
);

create sequence if not exists shop_return_numbers start 4001;

create table if not exists shop_returns (
  tenant text not null,
  number text not null,
  order_number text not null,
  status text not null check (status in ('label_sent', 'in_transit', 'received', 'refunded', 'declined')),
  reason text not null,
  note text,
  created_at timestamptz not null default now(),
  send_back_by date not null,
  call_key text,
  primary key (tenant, number),
  unique (tenant, call_key),
  foreign key (tenant, order_number) references shop_orders (tenant, number)
);

create index if not exists shop_returns_by_order on shop_returns (tenant, order_number);

create table if not exists shop_return_lines (
  tenant text not null,
  return_number text not null,
  sku text not null,
  quantity integer not null check (quantity > 0),
  primary key (tenant, return_number, sku),
  foreign key (tenant, return_number) references shop_returns (tenant, number)
);

create sequence if not exists shop_refund_numbers start 7001;

create table if not exists shop_refunds (
  tenant text not null,
  number text not null,
  order_number text not null,
  amount_cents integer not null check (amount_cents > 0),
  currency text not null,
  reason text not null,
  explanation text not null,
  created_at timestamptz not null default now(),
  -- Who asked for it and in which run; null for refunds from before the agent.
  run_id text,
  call_key text,
  primary key (tenant, number),
  unique (tenant, call_key),
  foreign key (tenant, order_number) references shop_orders (tenant, number)
);

create index if not exists shop_refunds_by_order on shop_refunds (tenant, order_number);

create sequence if not exists shop_ticket_numbers start 9001;

create table if not exists shop_tickets (
  tenant text not null,
  number text not null,
  principal text not null,
  order_number text,
  urgency text not null check (urgency in ('normal', 'urgent')),
  topic text not null,
  summary text not null,
  created_at timestamptz not null default now(),
  run_id text,
  call_key text,
  primary key (tenant, number),
  unique (tenant, call_key)
);

create table if not exists shop_articles (
  tenant text not null,
  slug text not null,
  title text not null,
  topic text not null,
  -- Words that customers use and the text does not.
  keywords text not null,
  body text not null,
  updated_on date not null,
  search tsvector not null generated always as (
    setweight(to_tsvector('english', title), 'A')
    || setweight(to_tsvector('english', keywords), 'B')
    || setweight(to_tsvector('english', body), 'D')
  ) stored,
  primary key (tenant, slug)
);

create index if not exists shop_articles_search on shop_articles using gin (search);
