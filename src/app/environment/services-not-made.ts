/** The application's services could not be made. The message says why to its author, without the product's part of the stack. */
export class ServicesNotMade extends Error {
  override readonly name = 'ServicesNotMade'
}
