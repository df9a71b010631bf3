export { ID_CHARACTERS, newId } from '../../security/new-id.ts'
