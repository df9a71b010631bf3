import type { Command } from 'commander'
import { threadId } from '../../api/http/requests/ids.schema.ts'
import { addApiCommand, idOf } from '../api/api-command.ts'
import { createProgram } from '../program.ts'
import { chat } from './chat.ts'

/** `holdfast threads …`: conversations of several runs, over the API. */
export function threadsProgram(): Command {
  const program = createProgram('threads')
  const talk = addApiCommand(program, 'chat', 'a conversation with an agent, a line a message')
  talk
    .option('--agent <name>', "who answers; the thread's last agent where it is not given, or the only one")
    .option('--thread <id>', 'goes on with this thread; a new one where it is not given', threadIdOf(talk))
    .addHelpText(
      'after',
      '\nOn a terminal answers come as they are written, and what waits for you is asked. Ctrl-C cancels the turn, and once more leaves; a turn that waits for a decision which is left open, or for budget, it leaves as it is. Ctrl-D leaves.\nPiped, each line of stdin is a message, and the answers are on stdout; the first turn that does not complete ends it, with the exit code of its end, or 14 where the turn waits for a decision that no line gives, or for budget.',
    )
    .action(chat)
  return program
}

function threadIdOf(command: Command): (text: string) => string {
  return idOf(command, threadId, 'a thread')
}
