/* What the shop has of the product: once the package can be imported by its name, `holdfast` and `holdfast/testing`. */
export * from '../../src/index.ts'
export * from '../../src/testing/index.ts'
