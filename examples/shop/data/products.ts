import type { Product } from './shop-data.ts'

/** What the shop sells, by SKU. Cents. */
export const PRODUCTS = {
  'BAM-ESP-01': { title: 'Bambina espresso machine', price: { EUR: 12_900, GBP: 11_500 } },
  'FLK-GRD-02': { title: 'Falke burr grinder', price: { EUR: 8_900, GBP: 7_900 } },
  'KRN-KTL-09': { title: 'Kranich gooseneck kettle', price: { EUR: 6_900, GBP: 5_950 } },
  'VEL-SCL-01': { title: 'Vela kitchen scale', price: { EUR: 3_400, GBP: 2_950 } },
  'POV-SET-06': { title: 'Pour-over set, 600 ml', price: { EUR: 4_200, GBP: 3_650 } },
  'FRP-GLS-08': { title: 'French press, 8 cups', price: { EUR: 3_900, GBP: 3_390 } },
  'FRO-MLK-01': { title: 'Nuvola milk frother', price: { EUR: 5_400, GBP: 4_700 } },
  'FLT-PAP-00': { title: 'Paper filters, 100 pieces', price: { EUR: 650, GBP: 550 } },
  'DSC-SCH-04': { title: 'Descaler, 4 sachets', price: { EUR: 1_190, GBP: 990 } },
  'BSK-PFT-58': { title: 'Portafilter basket, 58 mm', price: { EUR: 1_850, GBP: 1_600 } },
  'MUG-STN-SA': { title: 'Stoneware mug, sand', price: { EUR: 1_250, GBP: 1_090 } },
  'MUG-STN-MO': { title: 'Stoneware mug, moss', price: { EUR: 1_250, GBP: 1_090 } },
  'SKL-CST-26': { title: 'Cast-iron skillet, 26 cm', price: { EUR: 5_900, GBP: 5_150 } },
  'KNF-CHF-20': { title: "Chef's knife, 20 cm", price: { EUR: 7_400, GBP: 6_400 } },
  'BRD-OAK-40': { title: 'Oak chopping board, 40 cm', price: { EUR: 4_800, GBP: 4_150 } },
  'BNS-HAR-50': {
    title: 'Harbour espresso beans, 500 g',
    price: { EUR: 1_490, GBP: 1_290 },
    returnable: false,
  },
  'BNS-SID-25': { title: 'Sidama filter beans, 250 g', price: { EUR: 1_150, GBP: 990 }, returnable: false },
  'TMP-ENG-58': { title: 'Engraved tamper, 58 mm', price: { EUR: 3_700, GBP: 3_200 }, returnable: false },
  'GFT-CRD-50': { title: 'Gift card, 50', price: { EUR: 5_000, GBP: 5_000 }, returnable: false },
} as const satisfies Record<string, Product>

export type Sku = keyof typeof PRODUCTS
