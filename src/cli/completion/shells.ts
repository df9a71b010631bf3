import type { Completed } from './completion-tree.ts'

type Write = (commands: readonly Completed[]) => string

/** The script of each shell. */
export const SHELLS = {
  bash: bashScript,
  // zsh reads bash's by a module of its own.
  zsh: (commands) => `autoload -U +X bashcompinit && bashcompinit\n${bashScript(commands)}`,
  fish: fishScript,
} as const satisfies Readonly<Record<string, Write>>

/**
 * Words are offered by the command, and by its own command where that has been written; behind an option that takes some, those; files
 * where none begins like that. bash takes a word apart at its colons, and wants what stands behind the last one alone.
 */
function bashScript(commands: readonly Completed[]): string {
  const wordsOf = ({ commands: own, choices, flags }: Completed) =>
    [...own.map(({ name }) => name), ...choices, ...flags].join(' ')
  const names = commands.map(({ name }) => name).join(' ')
  const valuesOf = (before: string, { values }: Completed) =>
    Object.entries(values).map(([flag, words]) => `    ${before}' ${flag}') words='${words.join(' ')}' ;;`)
  const behind = commands.flatMap((command) =>
    command.commands.length === 0
      ? valuesOf(`'${command.name} '*`, command)
      : command.commands.flatMap((own) => valuesOf(`'${command.name} ${own.name}'`, own)),
  )
  const cases = commands.flatMap((command) => [
    ...command.commands.map((own) => `    '${command.name} ${own.name}') words='${wordsOf(own)}' ;;`),
    `    '${command.name} '*) words='${wordsOf(command)}' ;;`,
  ])
  return `# holdfast completion: source this, or put it where the shell looks for completions.
_holdfast() {
  local words="${names} help --help --version"
  local own="" at="$COMP_CWORD" cur="\${COMP_WORDS[COMP_CWORD]}"
  while [ "$at" -gt 2 ] && { [ "\${COMP_WORDS[at]}" = : ] || [ "\${COMP_WORDS[at-1]}" = : ]; }; do
    at=$((at - 1)); cur="\${COMP_WORDS[at]}$cur"
  done
  if [ "$COMP_CWORD" -gt 2 ]; then own="\${COMP_WORDS[2]}"; fi
  if [ "$COMP_CWORD" -gt 1 ]; then case "\${COMP_WORDS[1]} $own" in
${cases.join('\n')}
    'help ') words='${names}' ;;
    *) words='' ;;
  esac; fi
  if [ "$at" -gt 2 ]; then case "\${COMP_WORDS[1]} $own \${COMP_WORDS[at-1]}" in
${behind.join('\n')}
  esac; fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [ "$at" -lt "$COMP_CWORD" ]; then COMPREPLY=("\${COMPREPLY[@]#"\${cur%:*}:"}"); fi
}
complete -o default -F _holdfast holdfast
`
}

function fishScript(commands: readonly Completed[]): string {
  const lines = commands.flatMap((command) => {
    const { name, summary, commands: own } = command
    const seen = `__fish_seen_subcommand_from ${name}`
    const names = own.map((each) => each.name).join(' ')
    const before = own.length === 0 ? seen : `${seen}; and not __fish_seen_subcommand_from ${names}`
    return [
      offer('__fish_use_subcommand', name, summary),
      ...wordsOf(before, command),
      ...own.flatMap((each) => [
        offer(before, each.name, each.summary),
        ...wordsOf(`${seen}; and __fish_seen_subcommand_from ${each.name}`, each),
      ]),
    ]
  })
  return `# holdfast completion: put this into ~/.config/fish/completions/holdfast.fish\n${lines.join('\n')}\n`
}

function offer(condition: string, word: string, summary: string): string {
  return `complete -c holdfast -n '${condition}' -f -a ${word} -d '${summary.replaceAll("'", String.raw`\'`)}'`
}

function wordsOf(condition: string, { flags, choices, values }: Completed): string[] {
  const line = `complete -c holdfast -n '${condition}'`
  return [
    ...choices.map((word) => `${line} -f -a ${word}`),
    ...flags.map((flag) => {
      const words = values[flag]
      return `${line} -l ${flag.slice(2)}${words === undefined ? '' : ` -x -a '${words.join(' ')}'`}`
    }),
  ]
}
