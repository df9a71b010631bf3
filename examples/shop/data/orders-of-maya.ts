import type { CustomerId } from './customers.ts'
import type { Sku } from './products.ts'
import type { ShopOrder } from './shop-data.ts'

/** One order for every story that a newcomer may want to try out. */
export const ORDERS_OF_MAYA: readonly ShopOrder<Sku, CustomerId>[] = [
  {
    number: 'L-20990',
    customer: 'maya',
    placed: 1,
    payment: 'iDEAL',
    lines: [
      ['BNS-HAR-50', 2],
      ['MUG-STN-MO', 1],
    ],
  },
  {
    number: 'L-20934',
    customer: 'maya',
    placed: 4,
    payment: 'Visa ending in 4417',
    lines: [
      ['KRN-KTL-09', 1],
      ['FLT-PAP-00', 2],
    ],
    parcel: { carrier: 'PostNL', tracking: '3SLRKM0020934', shipped: 3, expected: -1 },
  },
  {
    // The story of the README: refunding the machine takes a person's approval.
    number: 'L-20871',
    customer: 'maya',
    placed: 8,
    payment: 'Visa ending in 4417',
    lines: [
      ['BAM-ESP-01', 1],
      ['DSC-SCH-04', 1],
    ],
    parcel: {
      carrier: 'PostNL',
      tracking: '3SLRKM0020871',
      shipped: 7,
      expected: 5,
      delivered: 5,
      note: 'Handed to the customer',
    },
  },
  {
    number: 'L-20850',
    customer: 'maya',
    placed: 14,
    payment: 'iDEAL',
    lines: [['FRP-GLS-08', 1]],
    parcel: {
      carrier: 'PostNL',
      tracking: '3SLRKM0020850',
      shipped: 13,
      expected: 9,
      note: 'Last scan: sorting centre Nieuwegein',
    },
  },
  {
    number: 'L-20788',
    customer: 'maya',
    placed: 16,
    payment: 'PayPal',
    lines: [
      ['MUG-STN-SA', 4],
      ['VEL-SCL-01', 1],
    ],
    parcel: {
      carrier: 'PostNL',
      tracking: '3SLRKM0020788',
      shipped: 15,
      expected: 13,
      delivered: 12,
      note: 'Left with the neighbours at number 9',
    },
    refunds: [
      {
        number: 'F-6204',
        cents: 1_250,
        reason: 'damaged',
        explanation: 'One of four mugs arrived with a broken handle.',
        issued: 11,
      },
    ],
  },
  {
    number: 'L-20655',
    customer: 'maya',
    placed: 27,
    payment: 'Visa ending in 4417',
    lines: [['POV-SET-06', 1]],
    parcel: { carrier: 'PostNL', tracking: '3SLRKM0020655', shipped: 26, expected: 24, delivered: 24 },
    returns: [
      {
        number: 'R-3117',
        status: 'refunded',
        reason: 'changed_mind',
        created: 20,
        items: [['POV-SET-06', 1]],
        note: 'Got the same set as a present.',
      },
    ],
    refunds: [
      {
        number: 'F-6188',
        cents: 4_690,
        reason: 'returned',
        explanation:
          'Return R-3117 arrived complete and unused; the whole order came back, so with the delivery fee.',
        issued: 13,
      },
    ],
  },
  {
    number: 'L-20412',
    customer: 'maya',
    placed: 56,
    payment: 'Visa ending in 4417',
    lines: [
      ['FLK-GRD-02', 1],
      ['BNS-SID-25', 1],
    ],
    parcel: { carrier: 'PostNL', tracking: '3SLRKM0020412', shipped: 54, expected: 52, delivered: 52 },
  },
  {
    number: 'L-20301',
    customer: 'maya',
    placed: 75,
    payment: 'PayPal',
    lines: [['SKL-CST-26', 1]],
    cancelled: true,
    refunds: [
      {
        number: 'F-6021',
        cents: 5_900,
        reason: 'cancelled',
        explanation: 'Cancelled by the customer before it was packed.',
        issued: 74,
      },
    ],
  },
]
