/** The worked example: the scripted models play it in full, with tools, a person's approval and an answer. */
export const EXAMPLE = {
  agent: 'support',
  input:
    'My espresso machine from order L-20871 arrived damaged: the water tank is cracked. I would like my money back.',
} as const
