create table bookings (
  number text primary key,
  tenant text not null,
  guest text not null,
  room text not null,
  paid_cents int not null
);

create table refunds (
  call_key text primary key,
  booking text not null references bookings (number),
  cents int not null
);
